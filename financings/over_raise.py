"""What an open over-raise means, in the sentence that every page and paper of it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lib.figures import agreed

LEVER = "over_raise_ratio"
_BASES = {"uses": "all uses at close", "market_cost": "market cost"}


def over_raise_words(headroom: float | None, gearing_basis: str = "uses") -> str:
    """The sentence; nothing where the lever is closed."""
    if headroom is None:
        return ""
    most, basis = agreed(1.0 + headroom, "share"), _BASES[gearing_basis]
    return f"Over-raise: senior and mezzanine debt together may reach {most} of {basis}, for a take-out after completion only."


def over_raise_of(levers: Mapping[str, Any], rules: Mapping[str, Any]) -> str:
    """The sentence of levers, or of the highest that a lever set opens, under a rule set's content."""
    opened = levers.get(LEVER)
    headrooms = [each for each in (opened if isinstance(opened, Iterable) else (opened,)) if each is not None]
    return over_raise_words(max(headrooms, default=None), str(rules.get("general", {}).get("gearing_basis", "uses")))
