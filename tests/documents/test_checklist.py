"""The execution checklist: only what applies, in order, done by close."""

from datetime import date
from itertools import combinations

import pytest

from documents.facts.checklist import PLANS, Need, Owner, Plan, applying, business_day, checklist_of
from engine.basics.business_days import Calendar, is_open

CLOSE = date(2027, 1, 29)
OPTIONAL = [need for need in Need if need is not Need.ALWAYS]
SOME_NEEDS = [frozenset(some) for size in (0, 1, len(OPTIONAL)) for some in combinations(OPTIONAL, size)]


@pytest.mark.parametrize("needs", SOME_NEEDS, ids=lambda needs: "+".join(sorted(needs)) or "plain")
@pytest.mark.parametrize("close_date", [CLOSE, date(2027, 1, 30), date(2027, 1, 31)])
def test_every_task_follows_what_it_depends_on_and_ends_by_close(needs: frozenset[Need], close_date: date) -> None:
    tasks = checklist_of(needs, close_date, Calendar.LONDON)
    by_code = {task.code: task for task in tasks}
    for task in tasks:
        assert task.start_date <= task.end_date <= close_date
        assert is_open(task.start_date, Calendar.LONDON)
        assert is_open(task.end_date, Calendar.LONDON)
        assert all(by_code[code].end_date < task.start_date for code in task.after), task.code
        assert task.float_days >= 0
    assert tasks[-1].end_date == CLOSE


def test_only_what_the_structure_has_is_on_the_list() -> None:
    plain = {task.code for task in checklist_of((), CLOSE, Calendar.LONDON)}
    everything = {task.code for task in checklist_of(OPTIONAL, CLOSE, Calendar.LONDON)}
    assert plain == {plan.code for plan in PLANS if plan.need is Need.ALWAYS}
    assert everything == {plan.code for plan in PLANS}
    swapped = {task.code for task in checklist_of((Need.ANY_SWAP, Need.INFLATION_SWAP), CLOSE, Calendar.LONDON)}
    assert swapped - plain == {"F1", "F2", "J3"}
    assert {plan.need for plan in PLANS} == set(Need)


def test_the_critical_path_is_one_chain_from_kick_off_to_close() -> None:
    tasks = checklist_of(OPTIONAL, CLOSE, Calendar.LONDON)
    critical = [task for task in tasks if task.is_critical]
    first = min(task.start_date for task in tasks)
    assert critical[0].start_date == first
    assert critical[-1].end_date == CLOSE
    assert sum(task.duration_days for task in critical) >= sum(
        1 for n in range(400) if business_day(CLOSE, n, Calendar.LONDON) >= first
    )
    for task in critical[1:]:
        assert any(other.code in task.after for other in critical), task.code


def test_a_task_of_ten_days_before_one_of_one_ends_the_business_day_before() -> None:
    pair = {task.code: task for task in checklist_of((Need.RESERVE,), date(2027, 2, 1), Calendar.LONDON)}
    assert (pair["J9"].start_date, pair["J8"].end_date) == (date(2027, 2, 1), date(2027, 1, 29))
    assert (pair["J7"].start_date, pair["J7"].end_date) == (date(2027, 1, 27), date(2027, 1, 28))


@pytest.mark.parametrize(
    ("holidays", "days_before", "day"),
    [
        # 1 January 2029 is a Monday; before it lie a weekend and, of Christmas, two holidays in London and TARGET, one in New York.
        (Calendar.WEEKENDS, 5, date(2028, 12, 25)),
        (Calendar.LONDON, 5, date(2028, 12, 20)),
        (Calendar.TARGET, 5, date(2028, 12, 20)),
        (Calendar.NEW_YORK, 5, date(2028, 12, 21)),
        (Calendar.NEW_YORK, 3, date(2028, 12, 26)),
        (Calendar.LONDON, 3, date(2028, 12, 22)),
        (Calendar.LONDON, 0, date(2028, 12, 29)),
    ],
)
def test_no_task_is_dated_on_a_holiday(holidays: Calendar, days_before: int, day: date) -> None:
    assert business_day(date(2029, 1, 1), days_before, holidays) == day


def test_a_task_left_out_hands_on_what_it_followed() -> None:
    plans = (
        Plan("1", "", "first", Owner.SPONSOR, 1),
        Plan("2", "", "swap", Owner.HEDGE, 1, ("1",), Need.ANY_SWAP),
        Plan("3", "", "last", Owner.TRUSTEE, 1, ("2",)),
    )
    assert [plan.after for plan in applying(plans, {Need.ALWAYS})] == [(), ("1",)]


def test_a_circle_cannot_be_written() -> None:
    circle = (
        Plan("1", "", "first", Owner.SPONSOR, 1, ("2",)),
        Plan("2", "", "second", Owner.SPONSOR, 1, ("1",)),
    )
    with pytest.raises(ValueError, match="task 1 follows 2"):
        applying(circle, {Need.ALWAYS})
