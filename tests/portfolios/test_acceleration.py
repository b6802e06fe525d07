"""After an event of default: one priority of all proceeds, against a case worked by hand, and what must always hold."""

from datetime import date
from decimal import Decimal

import pytest

from engine.portfolios.papers import Fees, Note, Papers, acceleration_steps, interest_steps, principal_steps
from engine.portfolios.payments import COMBINED, Ending, Opening, PaymentDate, Period, Run, run_payments
from portfolios.views.payments import grid_of
from tests.portfolios.payment_cases import D, accelerating
from tests.portfolios.test_batch import OPENING, defaulting

DAYS = (date(2026, 4, 1), date(2026, 6, 30), date(2026, 9, 28))  # ninety days each, from 1 January
NOTES = (
    Note("A", "A", D(1_000_000)),
    Note("C", "C", D(500_000), spread=D("0.04"), is_deferrable=True),
)
USUAL = interest_steps(("A", "C"), frozenset("C"), frozenset())


def small(*, accelerates: bool) -> Papers:
    """A pays 1% a period and C 2% at a benchmark of 4%; the trustee takes 0.25% of the pool, the junior fee 0.1%."""
    return Papers(
        closing=date(2026, 1, 1), notes=NOTES, triggers={}, interest=USUAL, principal=principal_steps(()),
        fees=Fees(trustee_rate=D("0.01"), subordinated_management_rate=D("0.004")),
        acceleration=acceleration_steps(USUAL, ("A", "C")) if accelerates else (),
    )  # fmt: skip


def paid_of_small(*, accelerates: bool) -> Run:
    collected = ((D(6_000), D(1_000)), (D(20_000), D(599_000)), (D(10_000), D(0)))
    periods = [
        Period(
            day, day, D("0.04"), asset_spread=D(0), interest_collected=interest, principal_collections=principal,
            liquidation_price_ratio=D("0.95") if day == DAYS[-1] else None,
        )
        for day, (interest, principal) in zip(DAYS, collected, strict=True)
    ]  # fmt: skip
    return run_payments(small(accelerates=accelerates), Opening(D(1_600_000), D(0)), periods)


def amounts(each: PaymentDate) -> dict[str, Decimal]:
    return {line.what: line.paid for line in each.lines if line.paid}


def test_a_case_worked_by_hand():
    """First date: 6,000 less the trustee's 4,000 leaves 2,000 of A's 10,000, principal 1,000 more: 7,000 unpaid."""
    run = paid_of_small(accelerates=True)
    first, second, third = run.dates
    assert run.place == "2026-04-01: A interest, 7,000.00 unpaid at step P1:4"
    assert [each.is_accelerated for each in run.dates] == [False, True, True]
    assert first.end.deferred == {"A": D(7_000), "C": D(10_000)}
    # 619,000 in all; the trustee on 1,599,000; A's interest on 1,007,000; A has the rest, C nothing.
    assert amounts(second) == {
        "trustee fee": D("3997.50"), "A interest": D(10_070), "A deferred interest": D(7_000), "A principal": D("597932.50"),
    }  # fmt: skip
    assert second.end.balances == {"A": D("402067.50"), "C": D(500_000)}
    assert second.end.deferred == {"A": D(0), "C": D(20_200)}
    # 960,000 of the sale and interest; junior fees of three dates: 1,600 + 1,599 + 1,000.
    assert amounts(third) == {
        "trustee fee": D(2_500), "A interest": D("4020.68"), "A principal": D("402067.50"), "C interest": D(10_404),
        "C deferred interest": D(20_200), "C principal": D(500_000), "subordinated management fee": D(4_199),
        "subordinated notes up to the hurdle": D("16608.82"),
    }  # fmt: skip
    assert run.ending is Ending.REDEEMED


def test_the_grid_of_a_run_puts_what_follows_the_default_last():
    _, rows = grid_of(paid_of_small(accelerates=True))
    labels = [row["label"] for row in rows]
    assert labels.index("P1:4") > labels.index("6")
    first = labels.index("E1")
    assert all(label.startswith("E") is (place >= first) for place, label in enumerate(labels))


def test_where_the_papers_do_not_accelerate_nothing_is_paid_after_the_date():
    run = paid_of_small(accelerates=False)
    assert (len(run.dates), run.ending) == (1, Ending.DEFAULTED)
    assert run.place == "2026-04-01: A interest, 7,000.00 unpaid at step P1:4"
    assert run.dates[0].end.deferred == {"C": D(10_000)}


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return [run_payments(accelerating(), OPENING, given) for given in defaulting(40)]


def test_all_that_comes_in_goes_out_and_nothing_is_negative(runs: list[Run]):
    for each in (each for run in runs for each in run.dates):
        assert each.paid_in == each.paid_out
        assert not each.is_accelerated or each.end.principal_cash == 0
        assert min([*each.end.balances.values(), *each.end.deferred.values(), each.end.performing_par]) >= 0
        assert min(line.paid for line in each.lines) >= 0


def test_no_junior_is_paid_before_all_senior_to_it(runs: list[Run]):
    accelerated = [each for run in runs for each in run.dates if each.is_accelerated]
    assert sum(any(line.due not in (None, line.paid) for line in each.lines) for each in accelerated) > 50
    for each in accelerated:
        steps = [line for line in each.lines if line.source == COMBINED]
        short = next((place for place, line in enumerate(steps) if line.due not in (None, line.paid)), len(steps))
        at = steps[short].label if short < len(steps) else ""  # classes of one group share what there is
        assert not any(line.paid for line in steps[short + 1 :] if line.label != at)


def test_once_it_defaulted_a_run_never_goes_back(runs: list[Run]):
    for run in runs:
        told = [each.is_accelerated for each in run.dates]
        assert told == sorted(told)
        assert not any(each.par_bought or each.tests for each in run.dates if each.is_accelerated)
