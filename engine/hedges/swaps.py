"""Monthly settlements of the hedges a structure may carry.

Inflation swap strip, tenor T: leg k (k = 1..T years from the start of operations) settles over the twelve months
that follow anniversary k: receive N((1+K)^k - 1), pay N(I_k/I_0 - 1), both a year. Rent of operating year k+1 has
risen k times, so the hedged share grows at K instead of CPI in years 2..T+1.
Total return swap on a share q of the senior notes: receive the coupon, pay financing and spread, on q x balance.
Source: model book section 6.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def zcis_unit_settlements(cpi_index: Floats, fixed_rate: float, tenor_years: int) -> Floats:
    """Net receipt a month for one unit of year-1 NOI hedged, months 1..12 x years.

    >>> zcis_unit_settlements(np.array([1.0, 1.02, 1.0404]), 0.03, 1)[12].round(9)
    0.000833333
    """
    years = np.arange(cpi_index.size)
    hedged = (years >= 1) & (years <= tenor_years)
    annual = np.where(hedged, (1.0 + fixed_rate) ** years - cpi_index / cpi_index[0], 0.0)
    return np.repeat(annual / 12.0, 12)
