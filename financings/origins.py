"""Where a financing was found: this room asks `financing.origins`, rooms that search answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from financings.models import Financing
from financings.words import tier_words
from lib.slots import answers


@dataclass(frozen=True, slots=True)
class Origin:
    """A finished search in which the financing stands, and what was stored of it there: its figures, rank, tier and score."""

    code: UUID
    number: int
    space_count: int
    seed: int
    created_at: datetime
    finished_at: datetime
    address: str
    row: Mapping[str, Any]

    @property
    def tier(self) -> str:
        """The tier in words; empty where the search kept no row of it, and its tier is not known any more."""
        tier = self.row.get("tier", 0)
        return "" if tier is None else tier_words(tier)


def origins_of(financing: Financing) -> tuple[Origin, ...]:
    """Every finished search the financing stands in, the earliest first."""
    found = [origin for origins in answers("financing.origins", financing) for origin in origins]
    return tuple(sorted(found, key=lambda origin: (origin.finished_at, str(origin.code))))
