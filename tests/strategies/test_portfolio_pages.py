"""The portfolio of a strategy: its form, its run, what it found, weights of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from jobs.work import work
from lib.errors import Forbidden, Invalid
from strategies.answers import wanted_weights
from strategies.construction_form import act, read, typed_of
from strategies.frames import read_frame
from strategies.models import Desk, ListKind, Strategy, StrategyRun, Task
from strategies.queries import latest_version
from strategies.services.construct import request_portfolio, save_construction, save_weights
from strategies.services.lists import put_on_list

pytestmark = pytest.mark.django_db
FULL, LONG = {"kind": "sum_equal", "limit": 1.0}, {"kind": "weight_least", "limit": 0.0}


def most(limit: float, **further: Any) -> dict[str, Any]:
    return {"kind": "weight_most", "limit": limit, **further}


def worked(by: User, strategy: Strategy, **construction: Any) -> dict[str, Any]:
    """The answer of a run of the strategy with this construction."""
    save_construction(by=by, strategy=strategy, construction={"goal": "minimum_variance", **construction})
    found: dict[str, Any] = run_of(by, strategy).summary
    return found


def run_of(by: User, strategy: Strategy) -> StrategyRun:
    run = request_portfolio(by=by, version=latest_version(strategy), enqueue=False)
    work(run.code)
    run.refresh_from_db()
    assert run.state == "done", run.error
    return run


# Services


def test_a_new_strategy_has_a_portfolio(strategy: Strategy, quant: User):
    run = run_of(quant, strategy)
    answer = run.summary
    assert answer["status"] == "solved"
    assert sum(row["weight"] for row in answer["weights"]) == pytest.approx(1.0, abs=1e-8)
    assert {round(row["weight"], 12) for row in answer["weights"]} == {round(1 / 7, 12)}
    assert len(answer["weights"]) == 7  # of eight, one has left the universe
    assert answer["days"]["returns"] == 252
    kept = read_frame(answer["weights_hash"])
    assert dict(zip(kept["ident"].to_pylist(), kept["weight"].to_pylist(), strict=True)) == {
        row["ident"]: row["weight"] for row in answer["weights"]
    }
    assert sum(map(float, wanted_weights(run.version).values())) == pytest.approx(1.0, abs=1e-8)


def test_the_same_run_is_the_same_answer(strategy: Strategy, quant: User):
    one, other = run_of(quant, strategy), run_of(quant, strategy)
    assert one.summary == other.summary


def test_mean_variance_expects_the_mean_of_the_days(strategy: Strategy, quant: User):
    answer = worked(
        quant, strategy, goal="mean_variance", expected="history", risk_aversion=5.0, rows=[FULL, LONG, most(0.4)]
    )
    found = answer["measures"]
    by_hand = sum(row["weight"] * row["expected"] for row in answer["weights"])
    assert found["return_rate"] == pytest.approx(by_hand, abs=1e-12)
    assert found["objective"] == pytest.approx(by_hand - 2.5 * found["volatility_rate"] ** 2, abs=1e-12)
    best = max(answer["weights"], key=lambda row: row["expected"])
    assert best["weight"] == pytest.approx(0.4, abs=1e-6)


def test_views_move_the_weight_to_what_they_favour(strategy: Strategy, quant: User):
    rows, view = [FULL, LONG], {"shares": {"RA02": 1.0, "RA03": -1.0}, "return_rate": 0.1, "confidence_ratio": 0.9}
    plain = worked(quant, strategy, goal="mean_variance", expected="views", rows=rows, views=[])
    favoured = worked(quant, strategy, goal="mean_variance", expected="views", rows=rows, views=[view])

    def weight(answer: dict[str, Any], name: str) -> float:
        return next(float(row["weight"]) for row in answer["weights"] if row["ident"] == name)

    assert weight(favoured, "RA02") > weight(plain, "RA02")
    assert weight(favoured, "RA03") < weight(plain, "RA03")


def test_risk_budgets_take_the_place_of_the_rows_of_a_new_strategy(strategy: Strategy, quant: User):
    answer = worked(quant, strategy, goal="risk_budgets")
    assert {round(row["risk_share"], 9) for row in answer["weights"]} == {round(1 / 7, 9)}


def test_factors_and_a_repaired_sample_are_covariances_too(strategy: Strategy, quant: User):
    full = worked(quant, strategy, covariance="ledoit_wolf", rows=[FULL, LONG])
    thin = worked(quant, strategy, covariance="factors", factor_count=6, rows=[FULL, LONG])
    assert thin["measures"]["volatility_rate"] == pytest.approx(full["measures"]["volatility_rate"], rel=0.2)
    sample = worked(quant, strategy, covariance="sample", repairs=True, rows=[FULL, LONG])
    assert sample["covariance"] == {"shrinkage_ratio": None, "lifted": 0, "change_ratio": 0.0}


def test_what_conflicts_is_told_with_what_to_loosen(strategy: Strategy, quant: User):
    answer = worked(quant, strategy, rows=[FULL, LONG, most(0.1)])
    assert answer["status"] == "infeasible"
    assert answer["conflict"]["labels"] == ["weights add to 100%", "each weight at most 10%"]
    assert answer["conflict"]["why"] == "7 x 10% = 70%, less than 100%."
    assert answer["conflict"]["loosenings"] == [{"label": "each weight at most 10%", "limit": "14.2858%"}]


def test_a_restricted_name_gets_no_weight(strategy: Strategy, desk: Desk, quant: User, officer: User):
    before = worked(quant, strategy, rows=[FULL, LONG])
    largest = max(before["weights"], key=lambda row: row["weight"])["ident"]
    put_on_list(by=officer, desk=desk, kind=ListKind.RESTRICTED, ident=largest, from_date=_today(), reason="A deal")
    after = run_of(quant, strategy).summary
    assert next(row["weight"] for row in after["weights"] if row["ident"] == largest) == 0.0
    assert after["rows"][-1]["label"] == f"no orders in restricted names: {largest}"


def _today():
    from django.utils import timezone

    return timezone.localdate()


def test_the_last_portfolio_is_what_turnover_counts_from(strategy: Strategy, quant: User):
    first = worked(quant, strategy, rows=[FULL, LONG, most(0.3)])
    rows = [FULL, LONG, {"kind": "turnover_most", "limit": 0.1}]
    second = worked(quant, strategy, goal="mean_variance", expected="history", before="last_run", rows=rows)
    assert [row["before"] for row in second["weights"]] == pytest.approx([row["weight"] for row in first["weights"]])
    moved = sum(abs(row["weight"] - row["before"]) for row in second["weights"])
    assert moved == pytest.approx(0.1, abs=1e-6)


def test_what_is_missing_is_refused_before_a_run(strategy: Strategy, quant: User):
    save_construction(by=quant, strategy=strategy, construction={"goal": "mean_variance", "rows": [FULL]})
    with pytest.raises(Invalid, match="needs expected returns"):
        request_portfolio(by=quant, version=latest_version(strategy))
    save_construction(by=quant, strategy=strategy, construction={"expected": "signal"})
    with pytest.raises(Invalid, match="no signal of this version"):
        request_portfolio(by=quant, version=latest_version(strategy))
    rows = [FULL, most(0.3, names=["NOPE"]), {"kind": "sector_most", "limit": 0.3, "sector": "Nowhere"}]
    save_construction(by=quant, strategy=strategy, construction={"rows": rows})
    with pytest.raises(Invalid) as error:
        request_portfolio(by=quant, version=latest_version(strategy))
    assert [problem.place for problem in error.value.problems] == ["rows.1", "rows.2"]


def test_who_only_reads_neither_saves_nor_runs(strategy: Strategy, viewer: User, risk_manager: User):
    for person in (viewer, risk_manager):
        with pytest.raises(Forbidden):
            save_construction(by=person, strategy=strategy, construction={})
        with pytest.raises(Forbidden):
            request_portfolio(by=person, version=latest_version(strategy))


def test_a_construction_that_cannot_be_read_is_not_saved(strategy: Strategy, quant: User):
    with pytest.raises(Invalid) as error:
        save_construction(
            by=quant, strategy=strategy, construction={"goal": "wealth", "window_days": 3, "rows": [{"kind": "lots"}]}
        )
    assert {problem.place for problem in error.value.problems} == {"goal", "window_days", "rows.0.limit"}
    assert latest_version(strategy).number == 1


def test_weights_of_ones_own_are_a_version(strategy: Strategy, quant: User):
    save_weights(by=quant, strategy=strategy, weights={"RA01": 0.5, "RA02": 0.5, "RA03": 0.0})
    answer = run_of(quant, strategy).summary
    assert {row["ident"]: row["weight"] for row in answer["weights"] if row["weight"]} == {"RA01": 0.5, "RA02": 0.5}
    assert [row["is_kept"] for row in answer["rows"]] == [True, True, False]


# The form


def test_the_form_reads_what_it_shows():
    content = {
        "goal": "mean_variance", "risk_aversion": 4.0, "expected": "views", "tau": 0.1, "covariance": "sample",
        "window_days": 500, "repairs": True, "before": "cash", "return_per_score_rate": 0.03, "factor_count": 3,
        "rows": [FULL, most(0.125, names=["RA01", "RA02"]), {"kind": "sector_most", "limit": 0.3, "sector": "Towers"},
                 {"kind": "beta_most", "limit": 1.1}, {"kind": "names_most", "limit": 5.0}],
        "views": [{"label": "Up", "shares": {"RA01": 1.0, "RA02": -1.0}, "return_rate": 0.02, "confidence_ratio": 0.7}],
        "budgets": {}, "weights": {"RA01": 0.4, "RA02": -0.05},
    }  # fmt: skip
    found, problems = read(typed_of(content))
    assert problems == ()
    assert found == content


def test_rows_are_added_moved_and_removed():
    typed = typed_of({})
    assert [row["kind"] for row in typed.rows] == ["sum_equal", "weight_least", "weight_most"]
    assert act(typed, "down:rows:0")
    assert [row["kind"] for row in typed.rows] == ["weight_least", "sum_equal", "weight_most"]
    assert act(typed, "up:rows:0")  # the first stays
    assert act(typed, "drop:rows:1")
    assert act(typed, "add:views")
    assert (len(typed.rows), len(typed.views)) == (2, 1)
    for nonsense in ("drop:rows:7", "drop:rows:-1", "add:columns", "save", "up:rows:x"):
        assert not act(typed, nonsense)


def sent(**texts: str) -> dict[str, str]:
    """The form of a new strategy as a browser sends it."""
    typed = typed_of({})
    data = {**typed.fields, "based_on": "1", "do": "save", "rows.count": "3", "views.count": "0"}
    data |= {f"rows.{k}.{key}": text for k, row in enumerate(typed.rows) for key, text in row.items()}
    return {**data, **texts}


def test_the_page_saves_and_works_it_out(client: Client, strategy: Strategy, quant: User):
    client.force_login(quant)
    address = reverse("strategy-portfolio", args=[strategy.code])
    page = client.get(address).content.decode()
    assert "Weights add to, %" in page
    moved = client.post(address, sent(do="drop:rows:2"))
    assert moved.status_code == 200
    assert 'name="rows.2.kind"' not in moved.content.decode()
    assert latest_version(strategy).number == 1
    saved = client.post(address, sent(do="save_and_run", **{"rows.2.limit": "30"}))
    run = StrategyRun.objects.get(version__strategy=strategy, task=Task.OPTIMISE)
    assert saved["Location"] == reverse("strategy-run", args=[run.code])
    assert run.version.content["construction"]["rows"][2] == {"kind": "weight_most", "limit": 0.3}


def test_what_is_wrong_stands_at_its_place(client: Client, strategy: Strategy, quant: User):
    client.force_login(quant)
    address = reverse("strategy-portfolio", args=[strategy.code])
    page = client.post(address, sent(**{"rows.2.limit": "much", "window_days": "3 days"}))
    text = page.content.decode()
    assert page.status_code == 422
    assert text.count("field__error") == 2
    assert 'value="much"' in text
    page = client.post(address, sent(window_days="3"))
    assert page.status_code == 422
    assert "20 to 2520" in page.content.decode()
    meanwhile = client.post(address, sent(based_on="9"))
    assert "Somebody saved version 1 meanwhile" in meanwhile.content.decode()
    kept = client.post(address, sent(do="save_and_run", goal="mean_variance"))
    assert "needs expected returns" in kept.content.decode()
    assert latest_version(strategy).number == 2  # saved, and told why it was not run


def test_the_result_shows_prices_sectors_and_sources(client: Client, strategy: Strategy, quant: User):
    worked(quant, strategy)
    run = run_of(quant, strategy)
    client.force_login(quant)
    text = client.get(reverse("strategy-run", args=[run.code])).content.decode()
    assert "of the objective for one percentage point more" in text
    assert "Nothing: it is not reached" in text or "At the limit" in text
    assert "By sector, net" in text
    assert "252 daily returns" in text
    assert "RA08" not in text.split("Where the figures come from")[0].split("<h2")[-1]


def test_the_result_of_a_conflict_says_what_to_loosen(client: Client, strategy: Strategy, quant: User):
    save_construction(
        by=quant, strategy=strategy, construction={"goal": "minimum_variance", "rows": [FULL, LONG, most(0.1)]}
    )
    run = run_of(quant, strategy)
    client.force_login(quant)
    text = client.get(reverse("strategy-run", args=[run.code])).content.decode()
    assert "These limits cannot all be kept" in text
    assert "7 x 10% = 70%, less than 100%." in text
    assert "14.2858%" in text
    assert client.get(reverse("strategy-what-if", args=[run.code])).status_code == 404


def test_an_unbounded_goal_shows_its_reason_and_no_weights(client: Client, strategy: Strategy, quant: User):
    construction = {"goal": "maximum_return", "expected": "history", "rows": [FULL]}
    save_construction(by=quant, strategy=strategy, construction=construction)
    run = run_of(quant, strategy)
    assert run.summary["status"] == "unsolved"
    assert "weights" not in run.summary
    client.force_login(quant)
    text = client.get(reverse("strategy-run", args=[run.code])).content.decode()
    assert "Nothing bounds the objective" in text


def test_what_if_measures_and_keeps(client: Client, strategy: Strategy, quant: User, viewer: User):
    run = run_of(quant, strategy)
    address = reverse("strategy-what-if", args=[run.code])
    client.force_login(quant)
    first = client.get(address).content.decode()
    assert "Every limit is kept" in first
    names = [row["ident"] for row in run.summary["weights"]]
    even = {f"w.{name}": "0" for name in names} | {"w.RA01": "60", "w.RA02": "50"}
    tried = client.post(address, {**even, "do": "measure"}).content.decode()
    assert "2 limits broken" in tried
    assert "110.0%" in tried
    wrong = client.post(address, {**even, "w.RA01": "much", "do": "keep", "based_on": "1"})
    assert wrong.status_code == 422
    kept = client.post(address, {**even, "do": "keep", "based_on": "1", "note": "A hunch"})
    assert kept["Location"] == reverse("strategy-portfolio", args=[strategy.code])
    version = latest_version(strategy)
    assert (version.number, version.note) == (2, "A hunch")
    assert version.content["construction"]["weights"] == {"RA01": 0.6, "RA02": 0.5}
    client.force_login(viewer)
    assert client.get(address).status_code == 200
    assert client.post(address, {**even, "do": "keep", "based_on": "2"}).status_code == 403


def test_another_desk_knows_of_no_portfolio(client: Client, strategy: Strategy, quant: User, sponsor: User):
    run = run_of(quant, strategy)
    client.force_login(sponsor)
    assert client.get(reverse("strategy-portfolio", args=[strategy.code])).status_code == 404
    assert client.get(reverse("strategy-what-if", args=[run.code])).status_code == 404


def test_a_signal_is_what_is_expected(strategy: Strategy, quant: User, monkeypatch: pytest.MonkeyPatch):
    scores = {f"RA0{k}": float(score) for k, score in enumerate((1, -1, 2, 0, 0.5, -2, 0.25), start=1)}
    monkeypatch.setattr("strategies.portfolio_inputs.scores_of", lambda version: scores)
    answer = worked(
        quant, strategy, goal="maximum_return", expected="signal", return_per_score_rate=0.03, rows=[FULL, LONG]
    )
    found = {row["ident"]: row["expected"] for row in answer["weights"]}
    assert found == pytest.approx({name: 0.03 * score for name, score in scores.items()})
    assert np.argmax([row["weight"] for row in answer["weights"]]) == 2
