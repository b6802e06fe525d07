"""Payment dates against the reference, to the cent, and what must hold of every one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from scipy.optimize import brentq

from engine.portfolios.calendar import following, unadjusted_dates
from engine.portfolios.papers import Do
from engine.portfolios.payments import CoverageLine, PaymentDate
from tests.portfolios.payment_cases import CASES, D, document, run


def due_text(text: str) -> Decimal | None:
    return D(text) if text != "" else None


@pytest.mark.parametrize("name", CASES)
def test_every_step_of_every_date_to_the_cent(name: str):
    theirs = next(case for case in document()["cases"] if case["case"] == name)["expected"]
    ours = run(name).dates
    assert len(ours) == len(theirs)
    for our, their in zip(ours, theirs, strict=True):
        steps = [(line.label, line.what, line.due, line.paid, line.source) for line in our.lines]
        assert steps == [
            (s["step"], s["what"], due_text(s["due"]), D(s["paid"]), s["source"]) for s in their["steps"]
        ], our.number


@pytest.mark.parametrize("name", CASES)
def test_what_comes_in_what_is_tested_and_what_stands_after(name: str):
    theirs = next(case for case in document()["cases"] if case["case"] == name)["expected"]
    for our, their in zip(run(name).dates, theirs, strict=True):
        assert our.days == their["days"]
        for key, value in (
            ("interest_proceeds", our.interest_proceeds), ("principal_collections", our.principal_collections),
            ("recoveries", our.recoveries), ("new_defaults", our.new_defaults), ("sale_proceeds", our.sale_proceeds),
            ("defaulted_carrying_value", our.carrying_value), ("ccc_haircut", our.ccc_haircut),
            ("hurdle_balance_before", our.hurdle_before), ("hurdle_balance_after", our.end.hurdle_balance),
            ("subordinated_notes_paid", our.subordinated_paid), ("incentive_fee", our.incentive_fee),
        ):  # fmt: skip
            assert value == D(their[key]), (our.number, key)
        assert our.interest_due == {key: D(value) for key, value in their["interest_due"].items()}
        stands_after(our, their["end"])
        for group, test in their["tests"].items():
            check_test(our, group, test)


def stands_after(our: PaymentDate, end: dict[str, Any]) -> None:
    assert our.end.performing_par == D(end["performing_par"])
    assert our.end.principal_cash == D(end["principal_cash"])
    assert our.end.balances == {key: D(value) for key, value in end["balances"].items()}
    assert our.end.deferred == {key: D(value) for key, value in end["deferred"].items()}
    assert our.par_bought == D(end["par_bought"])
    assert our.cost == D(end["cost"])
    assert our.end.unpaid.get(Do.BASE_FEE, D(0)) == D(end["unpaid_base_fee"])
    assert our.end.unpaid.get(Do.SUBORDINATED_FEE, D(0)) == D(end["unpaid_subordinated_fee"])
    assert our.end.unpaid.get(Do.EXPENSES, D(0)) == D(end["unpaid_expenses"])
    assert our.unpaid_senior_interest == D(end["unpaid_a_b_interest"])


def check_test(our: PaymentDate, group: str, test: dict[str, Any]) -> None:
    if group == "interest_diversion":
        assert our.diversion is not None
        assert abs(our.diversion[0] - D(test["ratio"])) < D("1e-9")
        assert our.diversion[1] is test["passed"]
        return
    line: CoverageLine = our.tests[group]
    for key, value in test.items():
        found = getattr(line, key)
        if isinstance(value, str):
            assert found is not None
            assert abs(found - D(value)) < D("1e-9"), (our.number, group, key)
        else:
            assert found == value, (our.number, group, key)


@pytest.mark.parametrize("name", CASES)
def test_what_comes_in_goes_out_and_nothing_is_negative(name: str):
    for our in run(name).dates:
        assert our.paid_in == our.paid_out
        assert (
            min(
                [*our.end.balances.values(), *our.end.deferred.values(), our.end.principal_cash, our.end.performing_par]
            )
            >= 0
        )


def test_the_fee_begins_where_the_yield_is_the_hurdle():
    """Root finding on what the subordinated notes were paid up to the hurdle: exactly 12%."""
    closing, cost = date(2026, 3, 25), 35_200_000.0
    flows = [
        (
            (each.pay_date - closing).days,
            float(sum(line.paid for line in each.lines if line.what == "subordinated notes up to the hurdle")),
        )
        for each in run("base").dates
    ]
    found = brentq(
        lambda rate: sum(flow / (1 + rate) ** (days / 365) for days, flow in flows) - cost, 0.0, 1.0, xtol=1e-12
    )
    assert found == pytest.approx(0.12, abs=1e-8)


def test_payment_dates_move_past_a_weekend_before_a_holiday():
    ours = [following(day) for day in unadjusted_dates(date(2026, 7, 15), date(2028, 10, 15), 3)]
    assert ours == [date.fromisoformat(day) for day in document()["deal"]["payment_dates"]]
