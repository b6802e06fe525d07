"""Backtests, risk and scenarios of a strategy: asked for, worked, read on pages, taken away as files."""

import csv
import io
from typing import Any

import numpy as np
import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from engine.risk.tails import order_statistic_risk
from engine.strategies.backtest import run_backtest
from engine.strategies.returns import held_returns, name_returns
from engine.strategies.tear_sheet import tear_sheet
from jobs.models import JobState
from jobs.work import work
from lib.errors import Forbidden, Invalid, NotFound
from strategies.frames import read_frame
from strategies.models import DatasetKind, Desk, ScenarioSet, Strategy, StrategyRun, Task
from strategies.queries import latest_dataset, latest_version
from strategies.run_terms import trading_terms
from strategies.scenario_rows import read_rows, rows_of
from strategies.services.construct import request_portfolio, save_construction
from strategies.services.desks import open_desk
from strategies.services.measures import (
    change_costs,
    delete_scenario_set,
    request_backtest,
    request_risk,
    request_scenarios,
    save_scenario_set,
)
from strategies.targets import equal_weights, inputs_of, make_targets, rebalance_rows
from strategies.translate import panel_of
from tests.strategies.market import business_days

pytestmark = pytest.mark.django_db

ROWS = [
    {"scenario": "Sell-off", "kind": "factor", "of": "market", "shock": "-20"},
    {"scenario": "Sell-off", "kind": "factor", "of": "rates", "shock": "1.5"},
    {"scenario": "One name fails", "kind": "name", "of": "RA01", "shock": "-65"},
]


def codes(error: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {problem.code for problem in error.value.problems}


def done(run: StrategyRun) -> StrategyRun:
    work(run.code)
    run.refresh_from_db()
    assert run.state == JobState.DONE, run.error
    return run


@pytest.fixture
def backtest(strategy: Strategy, quant: User) -> StrategyRun:
    terms = {"known_days": 100, "estimation_days": 120, "test_days": 60}
    return done(request_backtest(by=quant, version=latest_version(strategy), terms=terms, enqueue=False))


@pytest.fixture
def scenario_set(desk: Desk, quant: User) -> ScenarioSet:
    return save_scenario_set(by=quant, desk=desk, name="House set", rows=ROWS)


# Targets


def test_targets_are_set_on_the_last_day_of_each_period():
    days = business_days(70, "2026-01-26")  # to 1 May
    assert [str(days[row]) for row in rebalance_rows(days, "monthly", 0)] == ["2026-01-30", "2026-02-27", "2026-03-31", "2026-04-30"]  # fmt: skip
    assert [str(days[row]) for row in rebalance_rows(days, "quarterly", 0)] == ["2026-03-31"]
    assert [str(days[row]) for row in rebalance_rows(days, "weekly", 0)][:2] == ["2026-01-30", "2026-02-06"]
    assert rebalance_rows(days, "daily", 65) == [65, 66, 67, 68]
    assert rebalance_rows(days, "monthly", 5)[0] > 5


def test_the_universe_is_its_members_with_a_close(backtest: StrategyRun):
    inputs = inputs_of(backtest)
    weigh = equal_weights(inputs, inputs.prices)
    assert weigh(0) == {f"RA0{k}": 1 / 8 for k in range(1, 9)}
    assert weigh(299) == {f"RA0{k}": 1 / 7 for k in range(1, 8)}  # RA08 has left


def test_targets_up_to_a_row_are_the_first_of_all(backtest: StrategyRun):
    inputs = inputs_of(backtest)
    every = make_targets(inputs, inputs.prices, 99)
    assert make_targets(inputs, inputs.prices, 99, last_row=every[2][0]) == every[:3]
    assert make_targets(inputs, inputs.prices, 99, last_row=every[2][0] - 1) == every[:2]


# Backtest


def test_a_backtest_is_the_engine_s_on_the_data_in_force(backtest: StrategyRun, strategy: Strategy):
    prices = latest_dataset(strategy.universe, DatasetKind.PRICES)
    assert prices is not None
    inputs = inputs_of(backtest)
    targets = make_targets(inputs, inputs.prices, 99)
    expected = run_backtest(
        panel_of(prices.file_hash), targets, trading_terms(backtest.version.content), inputs.left_on
    )
    assert backtest.summary["sheet"]["final_amount"] == float(expected.equity[-1])
    assert backtest.summary["sheet"]["total_return"] == tear_sheet(expected).total_return
    ledger = read_frame(backtest.summary["ledger"])
    flows = sum(np.array(ledger[name]) for name in ("split", "dividend", "borrow", "left", "trade", "commission"))
    np.testing.assert_allclose(np.array(ledger["opening"]) + flows, np.array(ledger["cash"]), atol=0.005)
    assert read_frame(backtest.summary["trades"]).num_rows == backtest.summary["trade_count"] > 0
    assert any("has left" in sentence for sentence in backtest.summary["problems"])
    assert backtest.done_count == backtest.total_count


def test_the_look_ahead_check_and_the_walk_forward_stand_beside_it(backtest: StrategyRun):
    assert backtest.summary["look_ahead"]["is_clean"]
    assert len(backtest.summary["look_ahead"]["words"]) == 2
    walked = backtest.summary["walk_forward"]
    assert len(walked) == 3
    assert [each["tested"][0] for each in walked] == [
        str(business_days(300, "2022-01-03")[row]) for row in (120, 180, 240)
    ]


def test_the_same_backtest_twice_is_the_same(backtest: StrategyRun, quant: User):
    again = done(request_backtest(by=quant, version=backtest.version, terms=backtest.terms["asked"], enqueue=False))
    assert again.summary == backtest.summary


def test_equity_is_told_as_it_grows(strategy: Strategy, quant: User, monkeypatch: pytest.MonkeyPatch):
    told: list[Any] = []
    monkeypatch.setattr("jobs.work.publish", lambda job, more=None: told.append(more))
    run = request_backtest(by=quant, version=latest_version(strategy), terms={}, enqueue=False)
    done(run)
    chunks = [more["equity"] for more in told if more]
    points = [point for chunk in chunks for point in chunk]
    assert 30 <= len(chunks) <= 45
    assert [day for day, _ in points] == [str(day) for day in business_days(300, "2022-01-03")]
    assert points[-1][1] == run.summary["sheet"]["final_amount"]


def test_days_that_leave_no_target_are_said(strategy: Strategy, quant: User):
    run = request_backtest(by=quant, version=latest_version(strategy), terms={"known_days": 299}, enqueue=False)
    work(run.code)
    run.refresh_from_db()
    assert run.state == JobState.FAILED
    assert "leave no day to set a target" in run.error


def test_terms_that_cannot_be_are_refused(strategy: Strategy, quant: User):
    with pytest.raises(Invalid) as error:
        request_backtest(by=quant, version=latest_version(strategy), terms={"known_days": 1, "colour": "blue"})
    assert codes(error) == {"out_of_range", "unknown"}


def test_how_it_trades_is_the_next_version(strategy: Strategy, quant: User, risk_manager: User):
    costs = {"initial_cash_amount": 5e6, "lag_days": 2, "commission_bps": 3.0}
    version = change_costs(by=quant, strategy=strategy, costs=costs, rebalance="weekly", based_on=1)
    assert version.content["initial_cash_amount"] == "5000000.00"
    assert trading_terms(version.content).lag_days == 2
    assert version.content["rebalance"] == "weekly"
    with pytest.raises(Invalid) as error:
        change_costs(by=quant, strategy=strategy, costs={"lag_days": 0}, rebalance="weekly")
    assert codes(error) == {"out_of_range"}
    with pytest.raises(Invalid) as error:
        change_costs(by=quant, strategy=strategy, costs={}, rebalance="hourly")
    assert codes(error) == {"not_a_choice"}
    with pytest.raises(Forbidden):
        change_costs(by=risk_manager, strategy=strategy, costs={}, rebalance="daily")


# Risk


def test_risk_is_of_what_is_held_now(strategy: Strategy, risk_manager: User):
    run = done(
        request_risk(by=risk_manager, version=latest_version(strategy), terms={"confidence": 0.99}, enqueue=False)
    )
    found, inputs = run.summary, inputs_of(run)
    weights = np.array([1 / 7] * 7 + [0.0])
    expected = order_statistic_risk(held_returns(name_returns(inputs.prices), weights), 0.99)
    methods = {each["label"]: each for each in found["tails"]["methods"]}
    assert len(methods) == 5
    assert next(each for label, each in methods.items() if "k-th worst" in label)["var"] == pytest.approx(expected.var)
    assert found["against"]["beta"] == pytest.approx(1.0)  # equal weights against equal weights
    whole = found["factors"]["whole"]
    assert sum(whole["by_factor"]) + whole["specific"] == pytest.approx(whole["var"], rel=1e-9)
    assert sum(each["contribution"] for each in whole["by_name"]) == pytest.approx(whole["var"], rel=1e-9)
    assert found["factors"]["active"]["var"] == pytest.approx(0.0, abs=1e-9)
    assert len(found["record"]["days"]) == 299 - 250


def test_what_the_optimiser_found_is_what_is_measured(strategy: Strategy, quant: User):
    save_construction(by=quant, strategy=strategy, construction={"goal": "minimum_variance", "before": "cash"})
    version = latest_version(strategy)
    portfolio = done(request_portfolio(by=quant, version=version, enqueue=False))
    run = request_risk(by=quant, version=version, terms={}, enqueue=False)
    assert run.terms["weights_from"] == str(portfolio.code)
    assert run.terms["weights"] == {row["ident"]: row["weight"] for row in portfolio.summary["weights"]}
    assert done(run).summary["factors"]["whole"]["volatility"] == pytest.approx(
        portfolio.summary["measures"]["volatility_rate"], rel=0.2
    )  # by factors here, by Ledoit and Wolf there


def test_a_window_beyond_the_past_has_no_record(strategy: Strategy, risk_manager: User):
    run = done(
        request_risk(by=risk_manager, version=latest_version(strategy), terms={"window_days": 298}, enqueue=False)
    )
    assert run.summary["record"] is None


# Scenarios


def test_rows_say_scenarios_and_scenarios_say_rows(scenario_set: ScenarioSet):
    assert scenario_set.scenarios == [
        {"name": "Sell-off", "factors": {"market": -0.2, "rates": 0.015}, "specific": {}},
        {"name": "One name fails", "factors": {}, "specific": {"RA01": -0.65}},
    ]
    assert rows_of(scenario_set.scenarios) == ROWS


@pytest.mark.parametrize(
    ("row", "places"),
    [
        ({"scenario": "", "kind": "factor", "of": "market", "shock": "1"}, ["1.scenario"]),
        ({"scenario": "A", "kind": "weather", "of": "market", "shock": "1"}, ["1.kind"]),
        ({"scenario": "A", "kind": "factor", "of": "", "shock": "1"}, ["1.of"]),
        ({"scenario": "A", "kind": "factor", "of": "market", "shock": "much"}, ["1.shock"]),
        ({"scenario": "A", "kind": "factor", "of": "market", "shock": ""}, ["1.shock"]),
        ({"scenario": "A", "kind": "factor", "of": "market", "shock": "1000.1"}, ["1.shock"]),
        ({"scenario": "A", "kind": "factor", "of": "market", "shock": "1000"}, []),
        ({"scenario": " ", "kind": "factor", "of": "", "shock": ""}, ["rows"]),
    ],
)
def test_what_is_wrong_in_a_row_is_said_there(row: dict[str, str], places: list[str]):
    _, problems = read_rows([row])
    assert [problem.place for problem in problems] == places


def test_a_factor_moves_once_in_a_scenario():
    _, problems = read_rows([ROWS[0], ROWS[0]])
    assert [problem.code for problem in problems] == ["twice"]


def test_a_run_keeps_the_set_as_it_was(strategy: Strategy, scenario_set: ScenarioSet, risk_manager: User, quant: User):
    version = latest_version(strategy)
    run = request_scenarios(by=risk_manager, version=version, scenario_set=scenario_set, terms={}, enqueue=False)
    delete_scenario_set(by=quant, scenario_set=scenario_set)
    found = done(run).summary
    assert [each["name"] for each in found["scenarios"]] == ["Sell-off", "One name fails"]
    assert found["scenarios"][1]["return"] == pytest.approx(-0.65 / 7)
    assert found["scenarios"][1]["pnl_amount"] == pytest.approx(-0.65 / 7 * 1e7)
    assert found["scenarios"][1]["names"] == [{"ident": "RA01", "return": -0.65, "pnl_amount": pytest.approx(-0.65 / 7 * 1e7)}]  # fmt: skip
    assert found["scenarios"][0]["active_return"] == pytest.approx(0.0, abs=1e-12)
    sizes = [abs(bar["up_amount"]) for bar in found["tornado"]]
    assert sizes == sorted(sizes, reverse=True)
    assert found["grid"]["amounts"][2][2] == 0.0
    assert found["grid"]["amounts"][2][4] == pytest.approx(found["tornado"][1]["up_amount"])
    liquidity = found["liquidity"]
    assert [row["days"][2] for row in liquidity["rows"]] == pytest.approx(
        [10 * row["days"][0] for row in liquidity["rows"]]
    )
    best = found["hedges"][0]
    assert best["instruments"] == ["Universe in equal weights"]  # it is the portfolio
    assert best["amounts"] == [pytest.approx(-1e7)]
    assert best["reduction"] == pytest.approx(1.0)


def test_an_unknown_factor_is_said(strategy: Strategy, desk: Desk, quant: User):
    rows = [{"scenario": "Rain", "kind": "factor", "of": "weather", "shock": "1"}]
    made = save_scenario_set(by=quant, desk=desk, name="Odd", rows=rows)
    run = request_scenarios(by=quant, version=latest_version(strategy), scenario_set=made, terms={}, enqueue=False)
    work(run.code)
    run.refresh_from_db()
    assert "Rain: there is no factor weather." in run.error


def test_a_set_is_of_its_desk_and_of_those_who_measure(
    strategy: Strategy, desk: Desk, admin: User, quant: User, viewer: User, sponsor: User
):
    other = save_scenario_set(
        by=admin, desk=open_desk(by=admin, name="Other", currency="EUR"), name="Theirs", rows=ROWS
    )
    with pytest.raises(Invalid) as error:
        request_scenarios(by=quant, version=latest_version(strategy), scenario_set=other, terms={})
    assert codes(error) == {"other_desk"}
    with pytest.raises(Forbidden):
        save_scenario_set(by=viewer, desk=desk, name="Mine", rows=ROWS)
    with pytest.raises(NotFound):
        save_scenario_set(by=sponsor, desk=desk, name="Mine", rows=ROWS)
    made = save_scenario_set(by=quant, desk=desk, name="Mine", rows=ROWS)
    save_scenario_set(by=quant, desk=desk, name="Mine", rows=ROWS[:1], known=made)
    with pytest.raises(NotFound):
        save_scenario_set(by=quant, desk=desk, name="Taken over", rows=ROWS, known=other)
    with pytest.raises(Invalid):
        save_scenario_set(by=quant, desk=desk, name="Mine ", rows=ROWS)
    assert AuditEntry.objects.filter(action="scenario_set.saved").count() >= 3


# Pages


def page(client: Client, name: str, code: Any, **query: str) -> str:
    answer = client.get(reverse(name, args=[code]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_backtest_is_asked_for_on_its_page_and_read(
    client: Client, quant: User, strategy: Strategy, backtest: StrategyRun
):
    client.force_login(quant)
    assert "Run a backtest" in page(client, "strategy-backtest", strategy.code)
    shown = page(client, "strategy-run", backtest.code)
    for words in (
        "Look-ahead check",
        "Clean",
        "What made the difference",
        "Monthly returns",
        "Walk-forward",
        "has left",
    ):
        assert words in shown
    refused = client.post(reverse("strategy-backtest", args=[strategy.code]), {"do": "run", "known_days": "one"})
    assert refused.status_code == 422
    assert "Days before the first target: expected a number" in refused.content.decode()
    client.post(
        reverse("strategy-backtest", args=[strategy.code]), {"do": "run", "known_days": "100", "test_days": "63"}
    )
    assert StrategyRun.objects.filter(task=Task.BACKTEST).count() == 2


def test_costs_are_changed_on_the_page_in_percent(client: Client, quant: User, strategy: Strategy):
    client.force_login(quant)
    address = reverse("strategy-backtest", args=[strategy.code])
    sent = {
        "do": "costs",
        "based_on": "1",
        "rebalance": "quarterly",
        "costs-participation_cap_ratio": "5",
        "costs-lag_days": "1",
    }
    client.post(address, sent)
    version = latest_version(strategy)
    assert (version.number, version.content["costs"]["participation_cap_ratio"]) == (2, 0.05)
    late = client.post(address, {**sent, "rebalance": "daily"})
    assert late.status_code == 422
    assert "Somebody saved version 2 meanwhile" in late.content.decode()


def test_trades_and_ledger_are_read_by_page_and_taken_away(
    client: Client, quant: User, viewer: User, backtest: StrategyRun
):
    client.force_login(quant)
    first = page(client, "strategy-run-ledger", backtest.code)
    assert "Page 1 of 3" in first
    assert "Page 3 of 3" in page(client, "strategy-run-ledger", backtest.code, page="3")
    assert "Left to trade" in page(client, "strategy-run-trades", backtest.code)
    sent = client.get(reverse("strategy-run-ledger-csv", args=[backtest.code]))
    rows = list(csv.DictReader(io.StringIO(sent.content.decode("utf-8-sig"))))
    assert len(rows) == 300
    assert rows[0]["Cash before"] == "10000000.00"
    assert rows[-1]["Equity"] == f"{backtest.summary['sheet']['final_amount']:.2f}"
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(reverse("strategy-run-workbook", args=[backtest.code])).content)
    )
    assert book.sheetnames == ["Trades", "Ledger", "Provenance"]
    assert book["Ledger"].cell(row=303 + 1, column=12).value == backtest.summary["sheet"]["final_amount"]
    client.force_login(viewer)
    assert client.get(reverse("strategy-run-trades-csv", args=[backtest.code])).status_code == 403
    assert "Excel" not in page(client, "strategy-run-trades", backtest.code)


def test_trades_of_another_task_are_not_there(client: Client, quant: User, strategy: Strategy):
    run = done(request_risk(by=quant, version=latest_version(strategy), terms={}, enqueue=False))
    client.force_login(quant)
    assert client.get(reverse("strategy-run-trades", args=[run.code])).status_code == 404


def test_risk_is_asked_for_and_read(client: Client, risk_manager: User, strategy: Strategy):
    client.force_login(risk_manager)
    assert "Measure risk" in page(client, "strategy-risk", strategy.code)
    client.post(reverse("strategy-risk", args=[strategy.code]), {"confidence": "99", "window_days": "200"})
    run = done(StrategyRun.objects.get(task=Task.RISK))
    shown = page(client, "strategy-run", run.code)
    for words in ("Cornish-Fisher", "By factor", "Was it right?", "99% confidence", "Kupiec"):
        assert words in shown
    refused = client.post(reverse("strategy-risk", args=[strategy.code]), {"confidence": "50", "window_days": "200"})
    assert refused.status_code == 422


def test_scenarios_are_asked_for_and_read(client: Client, quant: User, strategy: Strategy, scenario_set: ScenarioSet):
    client.force_login(quant)
    assert "House set" in page(client, "strategy-scenarios", strategy.code)
    address = reverse("strategy-scenarios", args=[strategy.code])
    asked = {"participation_ratio": "20", "volume_days": "20", "deviations": "2"}
    assert client.post(address, asked).status_code == 422
    client.post(address, {**asked, "scenario_set": str(scenario_set.code)})
    run = done(StrategyRun.objects.get(task=Task.SCENARIOS))
    shown = page(client, "strategy-run", run.code)
    for words in ("One name fails", "Each factor alone", "Two factors together", "Days to sell", "What would hedge it"):
        assert words in shown


def test_a_set_is_edited_as_rows(client: Client, quant: User, viewer: User, desk: Desk):
    client.force_login(quant)
    new = reverse("desk-scenarios-new", args=[desk.code])
    columns: dict[str, list[str]] = {name: [row[name] for row in ROWS] for name in ("scenario", "kind", "of", "shock")}
    more = client.post(new, {"name": "Set", "do": "more", **columns})
    assert more.content.decode().count('name="shock"') == 6
    wrong = client.post(new, {"name": "Set", "do": "save", **columns, "shock": ["-20", "x", "-65"]})
    assert wrong.status_code == 422
    assert "Row 2:" in wrong.content.decode()
    client.post(new, {"name": "Set", "do": "save", **columns})
    made = ScenarioSet.objects.get(name="Set")
    shown = page(client, "desk-scenarios", made.code)
    assert 'value="-65"' in shown
    client.force_login(viewer)
    assert "Save the set" not in page(client, "desk-scenarios", made.code)
    assert client.post(reverse("desk-scenarios", args=[made.code]), {"name": "Set", "do": "delete"}).status_code == 403
    client.force_login(quant)
    client.post(reverse("desk-scenarios", args=[made.code]), {"name": "Set", "do": "delete"})
    assert not ScenarioSet.objects.filter(name="Set").exists()


def test_empty_pages_say_so(client: Client, viewer: User, strategy: Strategy):
    client.force_login(viewer)
    for name in ("strategy-backtest", "strategy-risk", "strategy-scenarios"):
        shown = page(client, name, strategy.code)
        assert "None yet" in shown
        assert "<form" not in shown.split("<main")[1]
