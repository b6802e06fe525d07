"""Many scenarios at once: the same cents as the Decimal form, on the deal's papers and on random assumptions."""

import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import numpy as np
import pytest

from engine.portfolios.batch import CASH, FEE, HURDLE, JUNIOR, PERFORMING, UNPAID, Batch, run_batch
from engine.portfolios.calendar import following, unadjusted_dates
from engine.portfolios.measure import cents
from engine.portfolios.papers import PRESETS, Papers
from engine.portfolios.payments import NINTHS, Ending, Opening, Period, run_payments
from engine.portfolios.scenarios import ScenarioTerms, exact, period_rate
from tests.portfolios.payment_cases import D, accelerating, papers

DATES = [(day, following(day)) for day in unadjusted_dates(date(2026, 7, 15), date(2036, 4, 15), 3)]
OPENING = Opening(D(398_000_000), D(2_000_000), D("0.0412"))


def periods(random: Random, call: int | None) -> list[Period]:
    """Forty dates of one scenario, its rates drawn once and its benchmark at each date."""
    terms = ScenarioTerms.from_dict(
        {
            "cdr": random.choice([0.0, 0.01, 0.03, 0.08, 0.2]), "cpr": random.choice([0.0, 0.1, 0.25]),
            "severity": random.choice([0.3, 0.45, 0.7]), "recovery_lag_payments": random.randint(1, 6),
            "ccc_share": random.choice([0.02, 0.09, 0.2]), "ccc_price": random.choice([0.55, 0.8]),
            "reinvestment_price": random.choice([0.9712, 0.99, 1.0]),
        }
    )  # fmt: skip
    last, found = date(2026, 3, 25), []
    for number, (unadjusted, day) in enumerate(DATES, start=1):
        days = (day - last).days
        is_sold = number == (call or len(DATES))
        found.append(
            Period(
                day, unadjusted, D(random.randint(0, 600)) / 10_000, principal_rate=period_rate(exact(terms.cpr), days),
                default_rate=period_rate(exact(terms.cdr), days), recovery_ratio=1 - exact(terms.severity),
                recovery_lag=terms.recovery_lag_payments, carrying_ratio=1 - exact(terms.severity),
                administrative_expenses=D(random.randint(20_000, 120_000)), interest_shortfall=D(random.choice([0, 0, 0, 1_500_000])),
                reinvestment_price_ratio=exact(terms.reinvestment_price), reinvestment_spread=D("0.0375"),
                ccc_rate=exact(terms.ccc_share or 0).quantize(NINTHS), ccc_market_ratio=exact(terms.ccc_price),
                liquidation_price_ratio=D("0.97") if is_sold else None,
            )
        )  # fmt: skip
        last = day
        if is_sold:
            break
    return found


def scenarios(count: int, seed: int = 11) -> list[list[Period]]:
    random = Random(seed)
    return [periods(random, random.choice([None, 5, 17, 30])) for _ in range(count)]


def defaulting(count: int, seed: int = 7) -> list[list[Period]]:
    """Scenarios of which each has a date on which next to nothing is collected."""
    random, found = Random(seed), []
    for given in scenarios(count, seed):
        at = random.randrange(min(len(given), 12))
        dry = replace(given[at], interest_shortfall=D(50_000_000), principal_rate=D(0), recovery_ratio=D(0))
        found.append([*given[:at], dry, *given[at + 1 :]])
    return found


def same(batch: Batch, number: int, agreed: Papers, given: list[Period]) -> None:
    run = run_payments(agreed, OPENING, given)
    assert abs(batch.paid[number]) == len(run.dates)
    assert bool(batch.paid[number] < 0) is (run.ending is Ending.DEFAULTED)
    for t, each in enumerate(run.dates):
        ours = {
            column: Decimal(int(batch.values[number, t, column])) / 100
            for column in (CASH, PERFORMING, JUNIOR, FEE, HURDLE, UNPAID)
        }
        theirs = {
            CASH: each.end.principal_cash,
            PERFORMING: each.end.performing_par,
            JUNIOR: each.subordinated_paid,
            FEE: each.incentive_fee,
            HURDLE: each.end.hurdle_balance,
            UNPAID: each.unpaid_senior_interest,
        }
        assert ours == theirs, (number, each.number)
        for name, balance in each.end.balances.items():
            assert Decimal(int(batch.note(name, 2)[number, t])) / 100 == balance, (number, each.number, name)
            deferred = each.end.deferred.get(name, Decimal(0))
            assert Decimal(int(batch.note(name, 3)[number, t])) / 100 == deferred, (number, each.number, name)


@pytest.mark.parametrize("preset", ["MAG15 and 17", "MAG6"])
def test_the_first_the_last_and_twenty_between_are_the_decimal_form_to_the_cent(preset: str):
    given = scenarios(200)
    batch = run_batch(papers(preset), OPENING, given)
    for number in sorted({0, 199, *Random(3).sample(range(200), 20)}):
        same(batch, number, papers(preset), given[number])


def test_an_event_of_default_ends_both_forms_at_the_same_date():
    given = [replace(each, interest_shortfall=D(50_000_000), principal_rate=D(0)) for each in scenarios(1)[0]]
    batch = run_batch(papers(), OPENING, [given])
    assert batch.paid[0] < 0
    same(batch, 0, papers(), given)


@pytest.mark.parametrize("preset", ["MAG15 and 17", "MAG6"])
def test_payments_that_go_on_after_an_event_of_default_are_the_same_cents_in_both_forms(preset: str):
    given, agreed = defaulting(60), accelerating(preset)
    batch = run_batch(agreed, OPENING, given)
    first = np.argmax(batch.of(UNPAID) > 0, axis=1)
    assert np.count_nonzero((batch.of(UNPAID) > 0).any(axis=1) & (batch.paid > first + 1)) > 20
    for number in range(60):
        same(batch, number, agreed, given[number])


def test_every_preset_pays_out_what_comes_in():
    for preset in PRESETS:
        run = run_payments(papers(preset), OPENING, scenarios(1, seed=5)[0])
        assert all(each.paid_in == each.paid_out for each in run.dates)


def test_a_thousand_scenarios_of_forty_dates_in_five_seconds():
    given = scenarios(50)
    run_batch(papers(), OPENING, given[:1])
    start = time.process_time()
    run_batch(papers(), OPENING, given)
    assert (time.process_time() - start) * 1000 / len(given) < 5.0


def test_cents_are_rounded_halves_up_in_both_forms():
    from engine.portfolios.batch import scaled

    random = Random(1)
    for _ in range(2000):
        amount, factor = random.randint(0, 10**11), random.randint(0, 10**11)
        exact_amount = Decimal(amount) * factor / (360 * 10**9) / 100
        assert scaled(amount, factor, 360 * 10**9, 0) == int(cents(exact_amount) * 100)
    assert np.int64(scaled(5, 1, 10, 0)) == 1
