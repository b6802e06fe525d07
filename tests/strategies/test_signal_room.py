"""The signal workbench: a recipe typed, kept as a version, measured by a worker, read on the run's page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from engine.strategies.panel_rows import point_in_time
from engine.strategies.price_factors import price_factors
from engine.strategies.recipes import Cadence, Factor, Recipe, recipe_content
from engine.strategies.signal_measures import forward_returns, information_coefficient
from engine.strategies.signals import Facts, run_recipe
from jobs.models import JobState
from jobs.work import work
from lib.errors import Invalid
from strategies.demo_market import market
from strategies.frames import read_frame
from strategies.members import members_by_day, sectors_of
from strategies.models import DatasetKind, Strategy, StrategyRun, Task, Universe
from strategies.queries import datasets_in_force, latest_dataset, latest_version
from strategies.services.strategies import change_strategy
from strategies.services.take_dataset import take_dataset
from strategies.services.universes import make_universe
from strategies.signal_panel import MOST_AGE_DAYS, columns_of, signal_of
from strategies.signal_terms import CADENCE_WORDS, DEFAULT_RECIPE, candidates, read_run_terms, read_signal, recipe_of
from strategies.translate import panel_of, panel_rows_of
from tests.strategies.cast import done_run

pytestmark = pytest.mark.django_db

RECIPE = Recipe(
    (Factor("roe", 2.0), Factor("ev_ebitda", 1.0, -1)), size_field="market_cap_amount", by_sector=False, least_factors=2,
    decay_ratio=0.6,
)  # fmt: skip
TYPED = {
    "roe-weight": "2", "roe-sign": "1", "ev_ebitda-weight": "1", "ev_ebitda-sign": "-1", "winsorise_share": "5",
    "size_field": "market_cap_amount", "least_factors": "2", "decay_ratio": "60", "cadence": "monthly",
}  # fmt: skip


def with_recipe(strategy: Strategy, by: User, recipe: Recipe) -> Strategy:
    change_strategy(by=by, strategy=strategy, parts={"signal": recipe_content(recipe)})
    return strategy


def test_a_new_strategy_begins_with_a_recipe_on_prices_alone(strategy: Strategy):
    version = latest_version(strategy)
    assert recipe_of(version) == DEFAULT_RECIPE
    assert version.content["signal"]["factors"][0]["field"] == "momentum_12_1"


def test_a_recipe_may_read_the_panels_columns_and_those_of_prices(universe: Universe):
    found = candidates(universe)
    assert list(found) == ["market_cap_amount", "roe", "ev_ebitda", "momentum_12_1", "momentum_6_1", "low_volatility"]
    assert found["momentum_6_1"] == "Prices: return from 126 to 21 trading days ago"
    with pytest.raises(Invalid) as error:
        read_signal({"factors": [{"field": "beauty"}]}, universe)
    assert "beauty is no column of the data of" in str(error.value)


@pytest.mark.parametrize(
    ("terms", "place"),
    [
        ({"horizon_days": 0}, "horizon_days"),
        ({"lag_days": 0}, "lag_days"),
        ({"buckets": 11}, "buckets"),
        ({"x": 1}, "x"),
    ],
)
def test_terms_of_a_run_are_within_limits(terms: dict[str, int], place: str):
    with pytest.raises(Invalid) as error:
        read_run_terms(terms)
    assert [problem.place for problem in error.value.problems] == [place]
    assert read_run_terms({}) == {"horizon_days": 21, "lag_days": 1, "buckets": 5}


def test_a_signal_reads_what_was_known_on_the_day(strategy: Strategy, quant: User, universe: Universe):
    strategy = with_recipe(strategy, quant, RECIPE)
    prices, signal = signal_of(latest_version(strategy), datasets_in_force(universe))
    table = read_frame(datasets_in_force(universe)["factors"])
    # The first figures are of 31 January 2022 and known ten days later: in March they are there, in February not.
    assert str(signal.dates[1]) == "2022-02-01"
    assert np.isnan(signal.factors[0].raw[1]).all()
    rows = panel_rows_of(table)
    january = {
        i: v for i, v, d in zip(rows.idents, rows.values["roe"], rows.dates, strict=True) if str(d) == "2022-01-31"
    }
    np.testing.assert_allclose(signal.factors[0].raw[2], [january[name] for name in signal.names])
    columns = point_in_time(rows, prices.days, prices.names, MOST_AGE_DAYS)
    facts = Facts(sectors_of(universe), members_by_day(universe, prices.days, prices.names))
    np.testing.assert_allclose(signal.score, run_recipe(columns, facts, RECIPE).score)


def test_who_left_has_scores_while_it_was_in(strategy: Strategy, quant: User, universe: Universe):
    strategy = with_recipe(strategy, quant, RECIPE)
    _, signal = signal_of(latest_version(strategy), datasets_in_force(universe))
    gone = next(row for row in universe.members if row["until_date"])
    score = signal.score[:, signal.names.index(gone["ident"])]
    last = np.searchsorted(signal.days, np.datetime64(gone["until_date"]), side="right")
    assert np.isfinite(score[last - 1])
    assert np.isnan(score[last:]).all()


def test_price_columns_are_worked_out_only_where_they_are_read(universe: Universe):
    datasets = datasets_in_force(universe)
    prices = panel_of(datasets["prices"])
    own = columns_of(replace(RECIPE, size_field=""), prices, datasets)
    assert set(own.fields) == {"roe", "ev_ebitda"}
    both = columns_of(Recipe((Factor("roe"), Factor("momentum_6_1"))), prices, datasets)
    np.testing.assert_array_equal(both["momentum_6_1"], price_factors(prices)["momentum_6_1"])
    assert set(columns_of(DEFAULT_RECIPE, prices, {"prices": datasets["prices"]}).fields) == {
        "momentum_12_1", "low_volatility",
    }  # fmt: skip


def test_a_run_measures_the_signal_and_keeps_its_scores(strategy: Strategy, quant: User, universe: Universe):
    strategy = with_recipe(strategy, quant, RECIPE)
    run = done_run(quant, strategy, Task.SIGNALS, {"horizon_days": 10, "buckets": 2})
    assert run.state == JobState.DONE
    answer = run.summary
    prices, signal = signal_of(latest_version(strategy), datasets_in_force(universe))
    rows = np.searchsorted(prices.days, signal.dates)
    forward = forward_returns(prices, rows, 10, 1)
    wanted = information_coefficient(signal.at_dates, forward, rows, 10)
    assert answer["rank_ic"]["mean"] == pytest.approx(wanted.mean)
    assert answer["rank_ic"]["t_statistic"] == pytest.approx(wanted.t_statistic)
    assert answer["rank_ic"]["apart"] == wanted.apart > 5
    assert len(answer["groups"]) == 2
    assert answer["spread"]["mean"] == pytest.approx(answer["groups"][1] - answer["groups"][0])
    factor = answer["factors"][1]
    assert [step["step"] for step in factor["steps"]] == ["raw", "winsorised", "z", "neutral"]
    assert factor["steps"][2]["mean"] == pytest.approx(0, abs=1e-12)
    assert all(sum(shares) == pytest.approx(1) for shares in factor["histogram"].values())
    scores = read_frame(answer["scores"])
    assert scores.column_names == ["date", "ident", "score", "z"]
    assert scores.num_rows == np.isfinite(signal.at_dates).sum()
    latest = answer["latest"]
    assert latest["high"] == sorted(latest["high"], key=lambda each: -each[1])
    assert latest["count"] == len(latest["high"]) + len(latest["low"]) == 7  # one of eight has left


def test_a_run_is_the_same_twice(strategy: Strategy, quant: User):
    first, second = (done_run(quant, strategy, Task.SIGNALS) for _ in range(2))
    assert first.summary == second.summary
    work(first.code)
    assert StrategyRun.objects.get(code=first.code).summary == second.summary


def test_a_column_that_the_data_lost_fails_the_run_in_words(strategy: Strategy, quant: User):
    strategy = with_recipe(strategy, quant, Recipe((Factor("beauty"),)))
    run = done_run(quant, strategy, Task.SIGNALS)
    assert run.state == JobState.FAILED
    assert "beauty is no column of the data" in run.error


# Pages


def test_a_recipe_is_kept_from_the_form(client: Client, quant: User, strategy: Strategy):
    client.force_login(quant)
    address = reverse("strategy-signal", args=[strategy.code])
    page = client.get(address).content.decode()
    assert 'aria-label="Weight of ROE"' in page
    assert 'value="60"' not in page
    kept = client.post(address, {**TYPED, "version": "1", "note": "Value and quality", "do": "keep"}, follow=True)
    assert "Kept as version 2." in kept.content.decode()
    version = latest_version(strategy)
    assert recipe_of(version) == RECIPE
    assert (version.note, version.content["benchmark"]) == ("Value and quality", "equal_weight")
    stale = client.post(address, {**TYPED, "roe-weight": "3", "version": "1", "do": "keep"})
    assert stale.status_code == 422
    assert "Somebody saved version 2 meanwhile" in stale.content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"roe-weight": "much"}, "Weight"),
        ({"ev_ebitda-weight": "-1"}, "Weight"),
        ({"least_factors": "3"}, "expected at most 2, the number of factors, got 3"),
        ({"roe-weight": "", "ev_ebitda-weight": ""}, "a score needs at least one"),
        ({"decay_ratio": "100"}, "Share of the previous score kept"),
        ({"size_field": "beauty"}, "beauty is no column of the data"),
    ],
)
def test_a_bad_recipe_is_told_and_stays_typed(
    client: Client, quant: User, strategy: Strategy, change: dict[str, str], words: str
):
    client.force_login(quant)
    page = client.post(reverse("strategy-signal", args=[strategy.code]), {**TYPED, **change, "do": "keep"})
    assert page.status_code == 422
    assert words in page.content.decode()
    assert latest_version(strategy).number == 1
    for name, text in change.items():
        if name.endswith("-weight"):
            assert f'name="{name}" value="{text}"' in page.content.decode()


def test_a_bad_weight_is_marked_in_its_own_row(client: Client, quant: User, strategy: Strategy):
    client.force_login(quant)
    page = client.post(
        reverse("strategy-signal", args=[strategy.code]), {**TYPED, "ev_ebitda-weight": "0", "do": "keep"}
    )
    text = page.content.decode()
    assert 'aria-label="Weight of EV EBITDA" aria-invalid="true"' in text
    assert 'aria-label="Weight of ROE" aria-invalid="true"' not in text


def test_a_signal_is_measured_from_the_page_and_read(client: Client, quant: User, strategy: Strategy):
    client.force_login(quant)
    strategy = with_recipe(strategy, quant, RECIPE)
    address = reverse("strategy-signal", args=[strategy.code])
    asked = client.post(address, {"do": "run", "run-horizon_days": "10", "run-lag_days": "1", "run-buckets": "2"})
    run = StrategyRun.objects.get(version__strategy=strategy)
    here = reverse("strategy-run", args=[run.code])
    assert asked["Location"] == here
    assert run.terms == {"horizon_days": 10, "lag_days": 1, "buckets": 2}
    assert client.get(here).status_code == 200
    work(run.code)
    page = client.get(here).content.decode()
    for words in (
        "Information coefficient over time", "Distribution of EV EBITDA", "Highest group replaced", "Low is good",
        "Mean return over 10 trading days by group of score", "size (Market cap amount)", "Winsorised",
    ):  # fmt: skip
        assert words in page
    listed = client.get(address).content.decode()
    assert here in listed


def test_terms_out_of_range_are_told_at_their_field(client: Client, quant: User, strategy: Strategy):
    client.force_login(quant)
    sent = {"do": "run", "run-horizon_days": "0", "run-lag_days": "1", "run-buckets": "5"}
    page = client.post(reverse("strategy-signal", args=[strategy.code]), sent)
    assert page.status_code == 422
    assert 'name="run-horizon_days" value="0"' in page.content.decode()
    assert not StrategyRun.objects.exists()


def test_a_signal_without_history_says_so(client: Client, quant: User, strategy: Strategy, universe: Universe):
    take_dataset(by=quant, universe=universe, kind=DatasetKind.PRICES, rows=market(8, 100).prices, origin="Short")
    assert latest_dataset(universe, DatasetKind.PRICES) is not None
    run = done_run(quant, strategy, Task.SIGNALS)
    client.force_login(quant)
    assert "No name has a score" in client.get(reverse("strategy-run", args=[run.code])).content.decode()


def test_readers_read_the_recipe_and_change_nothing(
    client: Client, viewer: User, quant: User, strategy: Strategy, desk
):
    client.force_login(viewer)
    address = reverse("strategy-signal", args=[strategy.code])
    page = client.get(address).content.decode()
    assert "Momentum, 12-1" in page
    assert "Keep as the next version" not in page
    for do in ("keep", "run"):
        assert client.post(address, {**TYPED, "do": do}).status_code == 403
    empty = make_universe(by=quant, desk=desk, name="Empty")
    Strategy.objects.filter(pk=strategy.pk).update(universe=empty)
    client.force_login(quant)
    assert "has no prices yet" in client.get(address).content.decode()


def test_every_cadence_has_words():
    assert set(CADENCE_WORDS) == set(Cadence)
