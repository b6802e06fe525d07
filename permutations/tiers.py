"""What is known by tier, in the order of the tiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from engine.permutations import TIERS

T = TypeVar("T")


def best_first(by_tier: Mapping[str, T]) -> list[tuple[str, T]]:
    """Each tier's word and what is known of it: a summary read from PostgreSQL has its keys in another order."""
    return [(TIERS[tier], by_tier[TIERS[tier]]) for tier in sorted(TIERS, reverse=True) if TIERS[tier] in by_tier]
