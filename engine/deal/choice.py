"""Every lever of one financing: what a search permutes and a stored financing is named by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.deal.axes import AXES, Lever
from engine.errors import InputProblems, Problem


@dataclass(frozen=True, slots=True)
class Choice:
    """The levers by name, in catalogue order; None is the project's own. Build from a mapping with `from_dict`."""

    rent_per_kw_month: float | None
    opex_ratio: float | None
    pue: float | None
    indexation: str | None
    cpi_floor_rate: float | None
    cpi_cap_rate: float | None
    senior_tenor_years: int
    senior_amortisation: str
    senior_coupon_rate: float
    senior_dscr: float
    wrap: str | None
    grace_months: int
    over_raise_ratio: float | None
    mezzanine: str
    mezz_dscr: float
    mezz_coupon_rate: float
    mezz_tenor_years: int | None
    mezz_amortisation: str
    zcis_tenor_years: int
    trs_share: float
    dsra_months: int
    equity_irr_rate: float

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any]) -> Choice:
        """The choice with each lever at its default where none is given; raises InputProblems.

        >>> Choice.from_dict({"senior_dscr": 1.3}).senior_tenor_years
        15
        """
        problems = [
            Problem("unknown_lever", str(code), f"{code} is not a lever.") for code in payload if code not in AXES
        ]
        values = {code: _read(code, payload.get(code), problems) for code in AXES}
        if problems:
            raise InputProblems(problems)
        return cls(**values)

    def to_dict(self) -> dict[str, Lever]:
        """The JSON-able mapping that `from_dict` reads back: every lever that has a value, defaults too."""
        found = {code: getattr(self, code) for code in AXES}
        return {code: value for code, value in found.items() if value is not None}


def _read(code: str, given: Any, problems: list[Problem]) -> Any:
    spec = AXES[code]
    value = spec.default if given is None else spec.read(given, problems)
    return None if value is None else spec.canonical(value)


CLOSED = Choice.from_dict({})
