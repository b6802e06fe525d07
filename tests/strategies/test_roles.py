"""Four roles at work: the planner's order and bytes, replay, and a model that can change neither a number nor a BLOCK."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import EngineError, InputProblems, Problem
from engine.strategies import contracts as c
from engine.strategies.contracts import CONTRACTS
from engine.strategies.roles import (
    DETERMINISTIC,
    OFFICER,
    QUANT,
    RISK,
    STRATEGIST,
    AdapterFailed,
    canonical,
    replay,
    run_roles,
)
from engine.strategies.said import unfounded
from engine.strategies.schemas import broken
from tests.strategies.desk_of_roles import ASSIGNMENT, BLOCKED, RESULTS, Scripted, tools

ORDER = [c.DATA, c.SIGNAL, c.OPTIMISE, c.BACKTEST, c.STRESS, c.METRICS, c.COMPLIANCE, c.REPORT]


def called(run):
    return [call.tool for call in run.calls]


def text_of(run, role):
    return next(step.text for step in run.steps if step.role == role)


# The planner


def test_the_planner_calls_every_tool_once_in_order():
    log: list[tuple[str, object]] = []
    run = run_roles(ASSIGNMENT, tools(log))
    assert called(run) == ORDER == [name for name, _ in log]
    assert [step.role for step in run.steps] == [QUANT, STRATEGIST, RISK, OFFICER]
    assert run.status == "OK"
    assert run.is_complete
    assert run.model == DETERMINISTIC
    assert run.exchanges == ()


def test_every_call_holds_its_contract():
    for call in run_roles(ASSIGNMENT, tools()).calls:
        assert list(broken(CONTRACTS[call.tool].arguments, call.arguments)) == []
        assert list(broken(CONTRACTS[call.tool].result, call.result)) == []


def test_later_tools_are_given_what_earlier_ones_found():
    run = run_roles(ASSIGNMENT, tools())
    arguments = {call.tool: call.arguments for call in run.calls}
    assert arguments[c.METRICS]["weights"] == RESULTS[c.OPTIMISE]["weights"]
    assert arguments[c.METRICS]["returns"] == "ab12"
    assert arguments[c.COMPLIANCE] == {"weights": RESULTS[c.OPTIMISE]["weights"], "ruleset": "long_only_fund"}
    assert arguments[c.BACKTEST]["rebal"] == "month"


def test_the_same_input_gives_the_same_bytes():
    one, two = (canonical(run_roles(ASSIGNMENT, tools()).as_record()) for _ in range(2))
    assert one == two


def test_the_texts_from_templates():
    run = run_roles(ASSIGNMENT, tools())
    assert text_of(run, QUANT) == (
        "The panel has 1,250 days of 600 names, from 2021-01-04 to 2025-12-31; 98.77% of its values are known.\n"
        "The signal scores 598 names; its information coefficient is 0.0432, its turnover not known.\n"
        "The portfolio holds 2 names, 100.00% gross and 100.00% net.\n"
        "What holds it back:\n"
        "- No name above 60%: shadow price 0.000123\n"
        "Backtested, it returned 23.46% over the whole time, 4.32% a year, at a volatility of 12.00% and a deepest fall of "
        "-7.89%; the Sharpe ratio is 0.360. 1,234 trades cost 12,345.67."
    )
    assert text_of(run, STRATEGIST) == (
        "Scenarios run: 1.\nThe worst is Market falls, at -17.89%.\n- Market falls: -17.89%; N02 beyond its limit"
    )
    assert text_of(run, RISK) == (
        "Value at risk at 95.00% is 1.23%; the expected shortfall at 97.50% is 1.98%.\n"
        "Beta is 0.900, tracking error 3.10% a year.\n- Market: exposure 0.900"
    )
    assert text_of(run, OFFICER) == "The check says OK: no limit is passed and no list is touched.\npdf: /exports/7"


numbers = st.floats(-1e5, 1e5).filter(lambda value: value == 0 or abs(value) > 1e-9)


@given(numbers, numbers, st.integers(0, 10**6))
def test_templates_say_nothing_that_no_tool_returned(first, second, third):
    kpis = RESULTS[c.BACKTEST]["kpis"] | {"total_return": first, "cost_amount": second, "trades": third}
    run = run_roles(ASSIGNMENT, tools(run=RESULTS[c.BACKTEST] | {"kpis": kpis}))
    results = [call.result for call in run.calls]
    for step in run.steps:
        assert unfounded(step.text, results, [asdict(run.assignment)]) == []


def test_a_block_closes_the_report():
    run = run_roles(ASSIGNMENT, tools(check=BLOCKED))
    assert called(run) == ORDER[:-1]
    assert run.status == "BLOCK"
    assert text_of(run, OFFICER) == (
        "The check says BLOCK: nothing may be signed, and the export stays closed.\n"
        "- N01 would weigh 60%, beyond 5%, where orders are blocked."
    )


def test_what_cannot_be_solved_ends_there_and_names_the_conflict():
    infeasible = {
        "weights": [],
        "diag": RESULTS[c.OPTIMISE]["diag"]
        | {"status": "infeasible", "conflicts": ["No name above 1%", "Fully invested"]},
    }
    run = run_roles(ASSIGNMENT, tools(optimize=infeasible))
    assert called(run) == [c.DATA, c.SIGNAL, c.OPTIMISE]
    assert text_of(run, QUANT).endswith(
        "No portfolio meets these constraints together; one of them has to go:\n- No name above 1%\n- Fully invested"
    )
    assert (run.status, run.is_complete) == ("", False)


def test_a_tool_that_refuses_is_named_and_the_others_go_on():
    refusal = InputProblems([Problem("gap", "prices", "Prices are missing from 2023-01-02.")])
    run = run_roles(ASSIGNMENT, tools(run=refusal))
    assert called(run) == [*ORDER[:-1]]  # the report waits for the backtest
    assert text_of(run, QUANT).endswith("Backtest.run gave no result: Prices are missing from 2023-01-02.")
    assert run.status == "OK"
    assert not run.is_complete


def test_a_tool_that_breaks_its_contract_ends_the_run():
    with pytest.raises(InputProblems, match="lifted is not part of this contract"):
        run_roles(ASSIGNMENT, tools(check=BLOCKED | {"lifted": True}))


# Replay


@pytest.mark.parametrize("changed", [{}, {"check": BLOCKED}], ids=["ok", "blocked"])
def test_a_record_runs_again_without_its_tools(changed):
    run = run_roles(ASSIGNMENT, tools(**changed))
    assert canonical(replay(run.as_record()).as_record()) == canonical(run.as_record())


def test_a_refusal_is_replayed():
    refusal = InputProblems([Problem("gap", "prices", "Prices are missing.")])
    record = run_roles(ASSIGNMENT, tools(run=refusal)).as_record()
    assert replay(record).as_record() == record


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r["calls"][2]["result"]["weights"][0].update(weight=0.9), "another call"),
        (lambda r: r["calls"].pop(0), "another call"),
        (lambda r: r["calls"][6]["result"].update(status="REVIEW"), "another end"),
        (lambda r: r.update(status="BLOCK"), "another end"),
        (lambda r: r["steps"][0].update(text="All is well."), "another end"),
        (lambda r: r["assignment"].update(method="equal"), "another call"),
        (lambda r: r.update(form="else"), "not of the form"),
    ],
)
def test_a_changed_record_is_refused(change, said):
    record = run_roles(ASSIGNMENT, tools()).as_record()
    change(record)
    with pytest.raises(EngineError, match=said):
        replay(record)


def test_a_model_is_replayed_without_being_asked():
    model = Scripted(write=lambda prompt: f"Seen by the {prompt['role'].replace('_', ' ')}.")
    record = run_roles(ASSIGNMENT, tools(), model).as_record()
    asked = model.asked
    assert replay(record).as_record() == record
    assert model.asked == asked
    record["exchanges"][0]["prompt"]["open"] = []
    with pytest.raises(EngineError, match="another question"):
        replay(record)


# A model beside the planner


def test_a_model_may_choose_the_order_of_what_is_open():
    run = run_roles(ASSIGNMENT, tools(), Scripted(choose=lambda prompt: prompt["open"][-1]))
    assert called(run) == [c.DATA, c.SIGNAL, c.OPTIMISE, c.METRICS, c.COMPLIANCE, c.STRESS, c.BACKTEST, c.REPORT]
    plain = run_roles(ASSIGNMENT, tools())
    assert {call.tool: call for call in run.calls} == {call.tool: call for call in plain.calls}
    assert run.status == plain.status


@pytest.mark.parametrize("choice", [c.REPORT, "Compliance.lift", "", "Risk.metrics "])
def test_a_model_may_not_call_what_is_closed(choice):
    run = run_roles(ASSIGNMENT, tools(check=BLOCKED), Scripted(choose=lambda _: choice))
    assert called(run) == ORDER[:-1]
    assert {each.refusal for each in run.exchanges if each.asked == "order"} == {"That tool is not open."}


def test_a_model_may_word_what_was_found():
    words = "The worst scenario costs the fund, at -17.9%."
    run = run_roles(ASSIGNMENT, tools(), Scripted(write=lambda p: words if p["role"] == STRATEGIST else p["draft"]))
    step = next(step for step in run.steps if step.role == STRATEGIST)
    assert (step.text, step.worded_by) == (words, "scripted-1")
    assert [each.said.tokens_in for each in run.exchanges if each.asked == "words"] == [100] * 4


def test_a_model_that_names_another_figure_is_not_heard():
    run = run_roles(ASSIGNMENT, tools(), Scripted(write=lambda _: "Value at risk is only 0.5%."))
    plain = run_roles(ASSIGNMENT, tools())
    assert [step.text for step in run.steps] == [step.text for step in plain.steps]
    assert {step.worded_by for step in run.steps} == {DETERMINISTIC}
    assert {each.refusal for each in run.exchanges if each.asked == "words"} == {"No tool returned 0.5%."}


def change_everything(value):
    """Turns every number in a prompt, in place."""
    for key, each in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if isinstance(each, dict | list):
            change_everything(each)
        elif isinstance(each, int | float) and not isinstance(each, bool):
            value[key] = each * 2 + 1
        elif each == "BLOCK":
            value[key] = "OK"


def test_a_model_that_writes_into_what_it_is_shown_changes_nothing():
    def write(prompt):
        draft = prompt["draft"]
        change_everything(prompt)
        return draft

    def choose(prompt):
        first = prompt["open"][0]
        prompt["open"].clear()
        return first

    run = run_roles(ASSIGNMENT, tools(check=BLOCKED), Scripted(choose, write))
    plain = run_roles(ASSIGNMENT, tools(check=BLOCKED))
    assert run.calls == plain.calls
    assert run.status == "BLOCK"
    assert all(each.prompt["status"] == "BLOCK" for each in run.exchanges if each.asked == "words")


def test_a_tool_that_writes_into_its_arguments_changes_nothing():
    def greedy(arguments):
        change_everything(arguments)
        return deepcopy(RESULTS[c.METRICS])

    run = run_roles(ASSIGNMENT, tools() | {c.METRICS: greedy})
    assert run.calls == run_roles(ASSIGNMENT, tools()).calls


@pytest.mark.parametrize(
    "text",
    [
        "The check says OK.",
        "REVIEW at most.",
        "The block is lifted.",
        "I approve this portfolio.",
        "All cleared for export.",
        "This breach is waived.",
        "N01 is within limits.",
        "You may proceed.",
    ],
)
def test_a_model_cannot_lift_a_block(text):
    run = run_roles(ASSIGNMENT, tools(check=BLOCKED), Scripted(write=lambda _: text))
    assert run.status == "BLOCK"
    assert c.REPORT not in called(run)
    assert text_of(run, OFFICER).startswith("The check says BLOCK")
    assert text not in "\n".join(step.text for step in run.steps)


def test_the_officers_words_stand_under_the_verdict_whoever_wrote_them():
    run = run_roles(ASSIGNMENT, tools(check=BLOCKED), Scripted(write=lambda _: "N01 weighs 60%, too much."))
    assert text_of(run, OFFICER) == (
        "The check says BLOCK: nothing may be signed, and the export stays closed.\nN01 weighs 60%, too much."
    )


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001, "bell\x07"])
def test_a_text_that_is_none_is_not_heard(text):
    run = run_roles(ASSIGNMENT, tools(), Scripted(write=lambda _: text))
    assert {step.worded_by for step in run.steps} == {DETERMINISTIC}


def test_a_model_that_fails_leaves_the_planner_alone():
    def fail(_):
        raise AdapterFailed("time is up")

    run = run_roles(ASSIGNMENT, tools(), Scripted(fail, fail))
    plain = run_roles(ASSIGNMENT, tools())
    assert (run.calls, [step.text for step in run.steps]) == (plain.calls, [step.text for step in plain.steps])
    assert {each.refusal for each in run.exchanges} == {"The model gave no answer: time is up"}
    assert replay(run.as_record()).as_record() == run.as_record()


def test_an_assignment_with_a_number_that_json_lacks_is_refused():
    with pytest.raises(ValueError, match="Out of range float values"):
        run_roles(replace(ASSIGNMENT, inputs={"tau": float("nan")}), tools())
