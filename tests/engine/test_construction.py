"""Construction paid over time: draws, interest on them and escrow income, by hand."""

from typing import Any

import pytest

from engine.deal.choice import Choice
from engine.deal.structure import Structure, price
from engine.deal.terms import Deal
from engine.errors import InputProblems
from engine.project import ProjectInputs
from engine.project.programme import capex_drawn, cost_drawn, escrow_income_amount
from engine.ratings import RuleSet
from engine.terms import StructuringTerms
from tests.engine.deals import PROJECT, SEED_RULES, bent

# Four months, 300m of capex beside 100m of land, paid evenly: 175, 250, 325 and 400 of 400.
FOUR = {
    "construction.months": 4, "construction.draw_profile": "straight_line", "capex.internal.lines": {"build": 300e6},
    "land.purchase_amount": 100e6,
}  # fmt: skip
LEVERS = {"senior_tenor_years": 15, "senior_coupon_rate": 0.06, "senior_dscr": 1.4, "mezzanine": "none"}


def inputs(**changes: Any) -> ProjectInputs:
    told = {f"construction.{name}": value for name, value in changes.items()}
    return ProjectInputs.from_dict(bent(PROJECT, {**FOUR, **told}))


def built(**changes: Any) -> Structure:
    rules = RuleSet.from_dict(SEED_RULES)
    return price(Deal(inputs(**changes), StructuringTerms.from_dict(), rules, Choice.from_dict(LEVERS)))


def test_shares_paid_by_the_start_of_each_month() -> None:
    assert capex_drawn(inputs()).tolist() == [0.25, 0.5, 0.75, 1.0]
    assert cost_drawn(inputs()) == pytest.approx([175 / 400, 250 / 400, 325 / 400, 1.0])
    assert capex_drawn(inputs(draw_profile="s_curve")) == pytest.approx([0.15625, 0.5, 0.84375, 1.0])
    assert cost_drawn(inputs(draw_profile="at_close")).tolist() == [1.0] * 4


def test_capex_that_waits_earns_simple_interest() -> None:
    """225, 150, 75 and 0m wait for a month each at 3% a year: 450m x 0.25%."""
    assert escrow_income_amount(inputs(escrow_rate=0.03)) == pytest.approx(1_125_000)
    assert escrow_income_amount(inputs(escrow_rate=0.03, draw_profile="s_curve")) == pytest.approx(1_125_000)
    assert escrow_income_amount(inputs(escrow_rate=0.03, draw_profile="at_close")) == 0.0
    assert escrow_income_amount(inputs(escrow_rate=0.03, debt_form="loan")) == 0.0


def test_escrow_income_takes_the_place_of_equity() -> None:
    without, found = built(), built(escrow_rate=0.03)
    assert without.stack.equity_amount - found.stack.equity_amount == pytest.approx(1_125_000)


def test_a_loan_prefunds_interest_on_what_is_drawn() -> None:
    """0.5% a month of 175/400, 250/400, 325/400 and all of the balance; notes bear it on all four months."""
    loan, notes = built(debt_form="loan").senior, built().senior
    assert loan.prefunded_amount == pytest.approx(loan.amount * 0.005 * (175 + 250 + 325 + 400) / 400)
    assert notes.prefunded_amount == pytest.approx(notes.amount * 0.005 * 4)


def test_a_loan_capitalises_interest_from_each_draw() -> None:
    """Draws of 175, 75, 75, 75 of 400 grow by 1.005 for 4, 3, 2 and 1 months."""
    senior = built(debt_form="loan", senior_cover="capitalised").senior
    grown = (175 * 1.005**4 + 75 * (1.005**3 + 1.005**2 + 1.005)) / 400
    assert senior.amount / senior.proceeds_amount == pytest.approx(grown)
    in_full = built(senior_cover="capitalised").senior
    assert in_full.amount / in_full.proceeds_amount == pytest.approx(1.005**4)


def test_uncovered_months_are_the_sponsors_on_what_is_drawn() -> None:
    found = built(debt_form="loan", senior_cover_months=2)
    due = found.senior.amount * 0.005
    assert found.work.contributions.tolist() == pytest.approx([0.0, 0.0, 0.0, due * 325 / 400, due])


def test_uncovered_months_of_a_capitalised_loan_bear_interest_on_interest() -> None:
    """After two capitalised months 175 x 1.005^2 + 75 x 1.005 are owed, then 75 more are drawn each month."""
    found = built(debt_form="loan", senior_cover="capitalised", senior_cover_months=2)
    owed = 175 * 1.005**2 + 75 * 1.005
    unit = found.senior.proceeds_amount / 400
    assert found.senior.amount == pytest.approx(unit * (owed + 150))
    assert found.work.contributions[3:].tolist() == pytest.approx(
        [0.005 * unit * (owed + 75), 0.005 * unit * (owed + 150)]
    )


@pytest.mark.parametrize("cover", ["dsra", "capitalised", "none"])
def test_a_loan_paid_on_time_yields_its_coupon(cover: str) -> None:
    flow = built(debt_form="loan", senior_cover=cover, senior_cover_months=2).flow
    assert flow is not None
    assert flow.senior_yield_rate == pytest.approx(1.005**12 - 1)


@pytest.mark.parametrize(("rate", "sound"), [(-0.001, False), (0.0, True), (0.2, True), (0.201, False)])
def test_limits_of_the_escrow_rate(rate: float, sound: bool) -> None:
    if sound:
        inputs(escrow_rate=rate)
        return
    with pytest.raises(InputProblems) as refused:
        inputs(escrow_rate=rate)
    assert [problem.place for problem in refused.value.problems] == ["construction.escrow_rate"]


def test_one_month_of_construction_is_paid_at_its_start() -> None:
    assert capex_drawn(inputs(months=1)).tolist() == [1.0]
    assert escrow_income_amount(inputs(months=1, escrow_rate=0.03)) == 0.0
