"""The reference's waterfalls as the engine takes them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from engine.portfolios.papers import STANDARD, Fees, Incentive, Note, Papers, Triggers, acceleration_steps, steps_of
from engine.portfolios.payments import Loss, Opening, Period, Run, run_payments
from tests.portfolios.cases import expected

D = Decimal
CASES = ("base", "class_b_oc_breach", "interest_shortfall")


@cache
def document() -> Any:
    return expected("clo_waterfall_cases")


def papers(preset: str = STANDARD) -> Papers:
    deal = document()["deal"]
    notes = tuple(
        Note(
            row["class"], row["class"][0], D(row["balance"]), D(row.get("spread", "0")),
            D(row["rate"]) if "rate" in row else None, row.get("deferrable", False),
        )
        for row in deal["classes"]
    )  # fmt: skip
    triggers = {
        name: Triggers(D(each["oc"]), D(each["ic"]) if each["ic"] else None) for name, each in deal["triggers"].items()
    }
    fees, incentive, junior = deal["fees"], deal["incentive"], deal["subordinated_notes"]
    return Papers(
        closing=date.fromisoformat(deal["closing"]),
        notes=notes,
        triggers=triggers,
        interest=steps_of(preset, notes, triggers)[0],
        principal=steps_of(preset, notes, triggers)[1],
        fees=Fees(
            D(fees["trustee_rate"]), D(fees["base_management_rate"]), D(fees["subordinated_management_rate"]), D(fees["admin_cap_per_payment"])
        ),
        incentive=Incentive(D(incentive["hurdle_irr"]), D(incentive["share"]), D(junior["balance"]) * D(junior["issue_price_pct"]) / 100),
        reinvestment_end=date.fromisoformat(deal["reinvestment_through"]),
        diversion_trigger=D(deal["interest_diversion"]["trigger"]),
        diversion_share=D(deal["interest_diversion"]["share"]),
        ccc_limit=D(deal["ccc_limit"]),
        lot_amount=D(deal["lot"]),
        ic_from_payment=deal["ic_from_payment"],
    )  # fmt: skip


def accelerating(preset: str = STANDARD) -> Papers:
    """The same deal, where payments go on after an event of default."""
    found = papers(preset)
    return replace(found, acceleration=acceleration_steps(found.interest, found.groups))


def opening() -> Opening:
    deal = document()["deal"]
    return Opening(D(deal["initial_performing_par"]), D(deal["initial_principal_cash"]))


def inputs(name: str) -> tuple[list[Period], list[Loss]]:
    given = next(case for case in document()["cases"] if case["case"] == name)["inputs"]
    last = len(given["periods"])
    periods = [
        period(row, D(given["liquidation_price_pct"]) / 100 if row["payment"] == last else None)
        for row in given["periods"]
    ]
    losses = [
        Loss(
            row["default_payment"],
            D(row["par"]),
            D(row["carrying_pct"]) / 100,
            row["recovery_payment"],
            D(row["recovery_amount"]),
        )
        for row in given["defaults"]
    ]
    return periods, losses


def period(row: Any, sold_at: Decimal | None) -> Period:
    day = date.fromisoformat(row["date"])
    return Period(
        pay_date=day, unadjusted=day.replace(day=15), benchmark=D(row["benchmark"]), asset_spread=D(row["asset_spread"]),
        interest_shortfall=D(row["interest_shortfall"]), principal_collections=D(row["principal_collections"]),
        administrative_expenses=D(row["administrative_expenses"]), reinvestment_price_ratio=D(row["reinvestment_price_pct"]) / 100,
        ccc_par=D(row["ccc_par"]), ccc_market_ratio=D(row["ccc_market_value_pct"]) / 100, liquidation_price_ratio=sold_at,
    )  # fmt: skip


@cache
def run(name: str, preset: str = STANDARD) -> Run:
    return run_payments(papers(preset), opening(), *inputs(name))
