"""Prices deals with waterfall-py, one at a time, in the peer's own environment.

Reads {"deals": [...], "repeats": n} on standard input, writes {"seconds": [...], "results": [...]} on standard
output. Only `run(deal)` is timed: building the deal's objects is the caller's preparation on every side.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from typing import Any

from waterfall import Deal, DealResult, ReserveConfig, Tranche, run


def build(terms: dict[str, Any]) -> Deal:
    """The peer's own description of a two-tranche deal with a reserve funded at close."""
    senior = Tranche(
        name="senior",
        tranche_type="senior",
        principal=terms["senior_amount"],
        coupon=terms["senior_rate"],
        day_count="30/360",
        amort_type="mortgage",
        term_periods=terms["senior_months"],
    )
    mezz = Tranche(
        name="mezz",
        tranche_type="mezzanine",
        principal=terms["mezz_amount"],
        coupon=terms["mezz_rate"],
        day_count="30/360",
        amort_type="mortgage",
        term_periods=terms["mezz_months"],
    )
    reserve = ReserveConfig(
        reserve_type="DSRA",
        months_dsra=terms["reserve_months"],
        opening_balance=terms["reserve_amount"],
        release_period=terms["senior_months"] - 1,
    )
    return Deal(
        deal_close_date=date(2027, 1, 1),
        operations_start_date=date(2027, 1, 1),
        period_frequency="M",
        tranches=[senior, mezz, Tranche(name="equity", tranche_type="equity", principal=1.0)],
        cfads_stream=terms["cfads"],
        data_currency="GBP",
        reporting_basis="calendar",
        reserves=[reserve],
    )


PAID_TO_EQUITY = ("equity_distribution", "proceeds_to_equity")


def table(result: DealResult) -> dict[str, list[float]]:
    """Flows by month, in the engine's names; what reaches equity is read from the peer's own ledger."""
    periods = result.periods
    return {
        "senior_interest": [p.interest_by_tranche["senior"] for p in periods],
        "senior_principal": [p.principal_by_tranche["senior"] for p in periods],
        "mezz_interest": [p.interest_by_tranche["mezz"] for p in periods],
        "mezz_principal": [p.principal_by_tranche["mezz"] for p in periods],
        "dsra_balance": [p.reserve_balances["DSRA"] for p in periods],
        "equity_distribution": [
            sum(e.amount for e in ledger.entries if e.label in PAID_TO_EQUITY) for ledger in result.ledgers
        ],
    }


def main() -> None:
    """Price every deal `repeats` times; the time of each is its fastest."""
    asked = json.load(sys.stdin)
    deals = [build(terms) for terms in asked["deals"]]
    run(deals[0])
    seconds, results = [], []
    for deal in deals:
        best = float("inf")
        for _ in range(asked["repeats"]):
            start = time.process_time()
            result = run(deal)
            best = min(best, time.process_time() - start)
        seconds.append(best)
        results.append(table(result))
    json.dump({"seconds": seconds, "results": results}, sys.stdout)


if __name__ == "__main__":
    main()
