"""What the waterfall summary takes from the facts: sums by rank, years, reserves, flags and charts."""

from __future__ import annotations

from datetime import date
from typing import Any

from documents.facts import PackFacts
from documents.facts.cash import cash_life
from documents.facts.charts import balances, cash_and_service, cover, sources_and_uses
from documents.facts.stress import flags_told
from documents.kinds.kind import Fields, Part
from documents.kinds.paper import chart_fields, flag_words
from financings.compliance import dscr_floor

SHOWN = (
    "gross_income", "opex", "hedge_net", "wrap_premium", "senior_interest", "senior_principal", "mezz_interest",
    "mezz_principal", "margin_returned", "equity_distribution",
)  # fmt: skip
HELD = ("dsra_draw", "dsra_released", "dsra_top_up", "trap_released", "cash_trapped")
STOCKS = ("senior_balance", "mezz_balance", "dsra_balance", "trap_balance")


def fields(facts: PackFacts, part: Part) -> Fields:
    """Figures of the base case, over the life of the lease."""
    years = facts.detail.years
    return {
        "life": cash_life(facts.detail.periods),
        "years": [_year(facts, at) for at in range(len(years["gross_income"]))],
        "totals": _flows({name: float(years[name].sum()) for name in (*SHOWN, *HELD)}),
        "sources": facts.detail.sources,
        "uses": facts.detail.uses,
        "flags": [_flag(facts, event) for event in facts.detail.flags],
        "lock_up_steps": list(facts.cash_trap.steps),
        "lock_up_months": facts.cash_trap.window_months,
        "dscr_floor": dscr_floor(facts.detail),
        "judged_rating": facts.detail.judged_rating,
        "has_mezzanine": len(facts.tranches) > 1,
        "is_swept": any(tranche.ard for tranche in facts.tranches),
        "charts": chart_fields(cash_and_service(facts), cover(facts), balances(facts), sources_and_uses(facts)),
    }


def _year(facts: PackFacts, at: int) -> dict[str, Any]:
    years = facts.detail.years
    return {
        "year": at + 1,
        "end_date": facts.month_date(12 * (at + 1)),
        **_flows({name: float(years[name][at]) for name in (*SHOWN, *HELD)}),
        **{name: float(years[name][at]) for name in STOCKS},
        "dscr": float(years["dscr"][at]),
        "flags": flag_words(int(years["flags"][at])),
    }


def _flows(row: dict[str, float]) -> dict[str, float]:
    """The flows of a row, with what goes into the reserve and the trap set against what comes out."""
    return {
        **{name: row[name] for name in SHOWN},
        "reserve_net": row["dsra_draw"] + row["dsra_released"] - row["dsra_top_up"],
        "lock_up_net": row["trap_released"] - row["cash_trapped"],
    }


def _flag(facts: PackFacts, event: Any) -> dict[str, Any]:
    first: date = facts.month_date(event.first_month)
    return {
        "name": flags_told([event.flag]),
        "first_date": first,
        "month_count": event.month_count,
        "value": event.value,
        "threshold": event.threshold,
        "unit": event.unit,
    }
