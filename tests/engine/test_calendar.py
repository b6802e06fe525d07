"""Days of a project, and rent reviewed every few years: by hand, at and beyond each limit."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from engine.basics.dates import nearest_months
from engine.basics.index_paths import at_reviews
from engine.deal.choice import Choice
from engine.deal.structure import Structure, price
from engine.deal.terms import Deal
from engine.errors import InputProblems
from engine.project import ProjectInputs
from engine.project.calendar import calendar_of, own_close
from engine.project.programme import capex_drawn
from engine.ratings import RuleSet
from engine.terms import StructuringTerms
from tests.engine.deals import PROJECT, SEED_RULES, bent


def inputs(**changes: Any) -> ProjectInputs:
    return ProjectInputs.from_dict(bent(PROJECT, {name.replace("__", "."): value for name, value in changes.items()}))


def dated(close: str | None, start: str | None, **changes: Any) -> ProjectInputs:
    return inputs(construction__close_date=close, construction__start_date=start, **changes)


def built(project: ProjectInputs) -> Structure:
    return price(Deal(project, StructuringTerms.from_dict(), RuleSet.from_dict(SEED_RULES), Choice.from_dict({})))


@pytest.mark.parametrize(
    ("start", "months"),
    [("2027-03-31", 0), ("2027-04-15", 0), ("2027-04-16", 1), ("2027-04-30", 1), ("2027-05-15", 1), ("2027-05-16", 2), ("2028-03-31", 12)],
)  # fmt: skip
def test_months_to_the_nearest(start: str, months: int) -> None:
    """Half a month is 15 days: the 16th after the end of March begins a month."""
    assert nearest_months(date(2027, 3, 31), date.fromisoformat(start)) == months


def test_the_months_before_construction_count_for_interest() -> None:
    """Six months from 1 June to 1 December and 24 of building: 30 months of pre-funded interest."""
    waits, at_once = built(dated("2028-06-01", "2028-12-01")), built(dated(None, "2028-12-01"))
    assert waits.deal.resolved.project.construction_months == 30
    rate = waits.senior.amount * waits.senior.monthly_rate
    assert waits.senior.prefunded_amount == pytest.approx(30 * rate)
    assert at_once.senior.prefunded_amount == pytest.approx(24 * rate)


def test_capex_waits_for_construction() -> None:
    project = dated("2028-06-01", "2028-08-01", construction__months=2, construction__draw_profile="straight_line")
    assert capex_drawn(project).tolist() == [0.0, 0.0, 0.5, 1.0]


def test_dates_of_operations_payments_and_lease() -> None:
    project = dated("2028-06-30", "2029-01-01")
    days = calendar_of(project, date(2028, 6, 30))
    assert (days.operations, days.lease_end) == (date(2030, 12, 30), date(2050, 12, 30))
    # 30 March 2031 is a Sunday; 30 November 2031 too, but the Monday after it is in December.
    assert (days.month_date(3), days.payment_date(3)) == (date(2031, 3, 30), date(2031, 3, 31))
    assert days.payment_date(11) == date(2031, 11, 28)


@pytest.mark.parametrize(
    ("close", "start", "found"),
    [
        ("2028-06-30", "2029-01-01", date(2028, 6, 30)),
        (None, "2028-07-01", date(2028, 7, 3)),
        (None, "2029-01-01", date(2029, 1, 2)),
        (None, None, None),
    ],
)
def test_a_close_left_empty_is_the_start_on_a_business_day(
    close: str | None, start: str | None, found: date | None
) -> None:
    assert own_close(dated(close, start)) == found


@pytest.mark.parametrize(
    ("close", "start", "code"),
    [
        ("2029-01-01", "2029-01-01", ""),
        ("2029-01-02", "2029-01-01", "close_after_start"),
        ("2026-01-02", "2029-01-01", ""),
        ("2026-01-01", "2029-01-01", "close_after_start"),
        ("2028-07-01", "2029-01-01", "not_a_business_day"),
        ("2028-07-03", None, ""),
    ],
)
def test_limits_of_the_close(close: str, start: str | None, code: str) -> None:
    if not code:
        dated(close, start)
        return
    with pytest.raises(InputProblems) as refused:
        dated(close, start)
    assert [(p.code, p.place) for p in refused.value.problems] == [(code, "construction.close_date")]


def test_rent_steps_at_reviews_alone() -> None:
    assert at_reviews(np.array([1.0, 1.02, 1.03, 1.05, 1.06]), 2).tolist() == [1.0, 1.0, 1.03, 1.03, 1.06]
    work = built(inputs(lease__review_years=5)).work
    assert work.gross[59] == pytest.approx(work.gross[0])
    assert work.gross[60] == pytest.approx(work.gross[0] * 1.025**5)
    # Costs rise every year all the same: 15% of 50.16m.
    assert (work.cash[0, 0, 0] - work.cash[0, 0, 12]) * 12 == pytest.approx(0.99 * 7_524_000 * 0.025)


@pytest.mark.parametrize(("years", "sound"), [(0, False), (1, True), (10, True), (11, False)])
def test_limits_of_the_review(years: int, sound: bool) -> None:
    if sound:
        inputs(lease__review_years=years)
        return
    with pytest.raises(InputProblems):
        inputs(lease__review_years=years)


@pytest.mark.parametrize(
    ("fx_rate", "capex", "sound"),
    [(None, None, True), (190.0, None, True), (None, "USD", False), (150.0, "USD", True)],
)
def test_a_rate_of_exchange_is_asked_for_another_currency_alone(
    fx_rate: float | None, capex: str | None, sound: bool
) -> None:
    changes = {"currency": "JPY", "fx_rate": fx_rate, "capex_currency": capex}
    if sound:
        inputs(**changes)
        return
    with pytest.raises(InputProblems) as refused:
        inputs(**changes)
    assert [problem.place for problem in refused.value.problems] == ["fx_rate"]
