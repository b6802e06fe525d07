"""When a project is let: to the end of its lease and, where the rule set counts it, again after a void."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.project.inputs import Lease
from engine.ratings.criteria import RuleSet

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Letting:
    """Months from the start of operations: the lease, then a void up to `relet_from`, then the new lease up to `end`.

    Without a re-letting that counts all three are the lease's end.
    """

    lease_months: int
    relet_from: int
    end: int
    relet_ratio: float

    @property
    def months(self) -> int:
        """Months of the cash paths, in whole years; nothing is earned or spent after `end`."""
        return 12 * -(-self.end // 12)

    def rent_share(self) -> Floats:
        """Share of the rent by month: all of it in the lease, none in the void, the ratio in the new lease."""
        month = np.arange(self.months)
        again = np.where((month >= self.relet_from) & (month < self.end), self.relet_ratio, 0.0)
        return np.where(month < self.lease_months, 1.0, again)


def letting_of(lease: Lease, rules: RuleSet) -> Letting:
    """The lease, and the re-letting where the project expects one and the rules count it, at no more than their cap."""
    lease_months = 12 * lease.term_years
    if not rules.relet_allowed or lease.relet_ratio is None or lease.relet_years is None:
        return Letting(lease_months, lease_months, lease_months, 0.0)
    relet_from = lease_months + (lease.relet_void_months or 0)
    ratio = min(lease.relet_ratio, rules.max_relet_ratio)
    return Letting(lease_months, relet_from, relet_from + 12 * lease.relet_years, ratio)
