"""Nine projects of a structurer's drawer: what the demo is not. Amounts in the project's currency.

Rents, costs and lease forms are plausible for their market and are assumptions; docs/model/20-drawer.md judges each.
"""

from __future__ import annotations

from typing import Any


def _project(
    country: str, currency: str, it_mw: float, rent: float, cost_per_mw: float, lease: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """A project by its IT load, rent a kW month and internal cost a MW; market cost is a fifth higher."""
    cost = it_mw * cost_per_mw
    pue = more.pop("pue", 1.25)
    return {
        "country": country, "currency": currency,
        "power": {"gross_facility_mw": it_mw * pue, "pue": pue},
        "revenue": {"rent_amount": rent, "occupancy_ratio": 0.95, "opex_ratio": 0.15} | more.pop("revenue", {}),
        "lease": lease,
        "capex": {"internal": {"lines": {"build": cost}}, "market": {"lines": {"build": 1.2 * cost}}},
        "construction": {"months": 24} | more.pop("construction", {}),
        "credit": {"tenant_rating": more.pop("tenant", "A")},
        **more,
    }  # fmt: skip


CPI = {"term_years": 20, "indexation": "cpi"}
DRAWER: dict[str, dict[str, Any]] = {
    "edge_10_year_lease": _project("UK", "GBP", 5, 150, 9.5e6, {"term_years": 10, "indexation": "cpi"},
                                   construction={"months": 12}, tenant="BBB"),
    "us_400_mw_fixed": _project("US", "USD", 400, 125, 10e6,
                                {"term_years": 15, "indexation": "fixed", "fixed_indexation_rate": 0.025}, tenant="AA"),
    "eu_60_mw_collared": _project("EU", "EUR", 60, 120, 10e6, {"term_years": 20, "indexation": "cpi",
                                  "cpi_floor_rate": 0.01, "cpi_cap_rate": 0.03}, tenant="BBB+"),
    "jpy_flat_rent": _project("US", "JPY", 40, 20_000, 1.5e9, {"term_years": 20, "indexation": "none"}, fx_rate=1.0),
    "seven_year_lease": _project("UK", "GBP", 20, 130, 9e6, {"term_years": 7, "indexation": "cpi"}),
    "sixty_months_uncovered": _project("UK", "GBP", 100, 125, 9.5e6, {"term_years": 25, "indexation": "cpi"},
                                       construction={"months": 60, "senior_cover": "none", "mezz_cover": "none"}),
    "gross_lease_pue_1_5": _project("UK", "GBP", 40, 210, 9.5e6, CPI, pue=1.5,
                                    revenue={"lease_type": "gross", "electricity_price_per_mwh": 90}),
    "opex_55_percent": _project("UK", "GBP", 48, 220, 9e6, CPI, revenue={"opex_ratio": 0.55}),
    "flat_rent": _project("UK", "GBP", 48, 120, 9e6, {"term_years": 20, "indexation": "none"}),
}  # fmt: skip

# Both forms the market knows, at coupons from what clears at A to what clears at BBB-.
LEVERS: dict[str, Any] = {
    "axes": {
        "senior_tenor_years": [5, 7, 15], "senior_amortisation": ["annuity", "sculpted", "interest_only"],
        "senior_coupon_rate": [0.03, 0.0425, 0.055, 0.06, 0.065], "senior_dscr": [1.25, 1.40, 1.60], "mezz_dscr": [1.15, 1.25],
        "mezz_coupon_rate": [0.07, 0.085], "zcis_tenor_years": [0, 10], "equity_irr_rate": [0.12],
    }
}  # fmt: skip
