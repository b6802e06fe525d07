"""Backtests, risk and scenarios of a strategy: asked for here, with how it trades and the sets that are tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from engine.basics.fields import FieldSpec
from engine.errors import Problem
from lib.errors import Invalid
from lib.numbers import whole_or_none
from lib.verbs import refuse
from ratings.typed_fields import default_texts, fields_of, payload, posted, texts
from strategies.access import Action, actions_of, get_desk, get_visible, require_on
from strategies.benchmarks import benchmark_in, choices_of, label_of
from strategies.models import Desk, ScenarioSet, Strategy, StrategyRun, StrategyVersion, Task
from strategies.queries import latest_version, runs_of
from strategies.run_terms import BACKTEST_FIELDS, CASH, COSTS, REBALANCES, RISK_FIELDS, SCENARIO_FIELDS, trading_terms
from strategies.scenario_rows import COLUMNS, FACTOR, KINDS, rows_of
from strategies.services.measures import (
    change_benchmark,
    change_costs,
    delete_scenario_set,
    request_backtest,
    request_risk,
    request_scenarios,
    save_scenario_set,
)
from strategies.services.request_run import needed_action
from strategies.views.shown import SECTION, strategy_context

SHOWN_RUNS = 20
BLANK_ROWS = 3
Typed = Mapping[str, str]
Context = dict[str, Any]


def _runs(strategy: Strategy, task: Task) -> Any:
    return runs_of(strategy).filter(task=task)[:SHOWN_RUNS]


def _apart(problems: Sequence[Problem], specs: Sequence[FieldSpec]) -> list[Problem]:
    """Problems that belong to no field of the forms."""
    return [each for each in problems if each.place not in {spec.path for spec in specs}]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def backtest(request: PersonRequest, code: UUID) -> HttpResponse:
    """How the version trades, the form of a backtest, and those asked for before."""
    found = get_visible(request.user, Strategy, code)
    version = latest_version(found)
    trading = (CASH, *COSTS)
    costs, asked = texts(trading, trading_terms(version.content).to_dict()), default_texts(BACKTEST_FIELDS)
    rebalance, problems = version.content["rebalance"], tuple[Problem, ...]()
    if request.method == "POST":
        try:
            if request.POST.get("do") == "costs":
                costs, rebalance = posted(trading, request.POST, "costs-"), request.POST.get("rebalance", "")
                return _changed(request, found, version, payload(trading, costs), rebalance)
            if request.POST.get("do") == "benchmark":
                return _held_against(request, found, version)
            asked = posted(BACKTEST_FIELDS, request.POST, "")
            made = request_backtest(by=request.user, version=version, terms=payload(BACKTEST_FIELDS, asked))
            return redirect("strategy-run", made.code)
        except Invalid as error:
            problems = error.problems
    context = {
        **strategy_context(request, found, "strategy-backtest"),
        "costs": fields_of(trading, costs, "costs-", problems),
        "fields": fields_of(BACKTEST_FIELDS, asked, "", problems),
        "rebalances": list(REBALANCES.items()),
        "rebalance": rebalance,
        "benchmarks": choices_of(found.universe),
        "benchmark": request.POST.get("benchmark") or benchmark_in(version.content),
        "benchmark_label": label_of(benchmark_in(version.content)),
        "problems": _apart(problems, (*trading, *BACKTEST_FIELDS)),
        "runs": _runs(found, Task.BACKTEST),
    }
    return render(request, "strategies/backtest.html", context, status=422 if problems else 200)


def _changed(
    request: PersonRequest, found: Strategy, version: StrategyVersion, costs: Mapping[str, Any], rebalance: str
) -> HttpResponse:
    number = _based_on(request, version)
    made = change_costs(by=request.user, strategy=found, costs=costs, rebalance=rebalance, based_on=number)
    return _next(request, found, made)


def _held_against(request: PersonRequest, found: Strategy, version: StrategyVersion) -> HttpResponse:
    chosen, number = request.POST.get("benchmark", ""), _based_on(request, version)
    return _next(request, found, change_benchmark(by=request.user, strategy=found, benchmark=chosen, based_on=number))


def _based_on(request: PersonRequest, version: StrategyVersion) -> int:
    based_on = request.POST.get("based_on", "")
    found = whole_or_none(based_on, 7)
    return version.number if found is None else found


def _next(request: PersonRequest, found: Strategy, made: StrategyVersion) -> HttpResponse:
    messages.success(request, f"Version {made.number} is saved.")
    return redirect("strategy-backtest", found.code)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def risk(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of a risk run, and those asked for before."""

    def ask(version: StrategyVersion, typed: Typed) -> StrategyRun:
        return request_risk(by=request.user, version=version, terms=payload(RISK_FIELDS, typed))

    return _measured(request, code, Task.RISK, RISK_FIELDS, ask)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def scenarios(request: PersonRequest, code: UUID) -> HttpResponse:
    """The desk's sets, the form of a run of one, and those asked for before."""
    found = get_visible(request.user, Strategy, code)
    sets = ScenarioSet.objects.filter(desk=found.desk)

    def ask(version: StrategyVersion, typed: Typed) -> StrategyRun:
        chosen = next((each for each in sets if str(each.code) == request.POST.get("scenario_set")), None)
        if chosen is None:
            raise refuse("no_set", "scenario_set", "Scenarios: choose a set of the desk.")
        terms = payload(SCENARIO_FIELDS, typed)
        return request_scenarios(by=request.user, version=version, scenario_set=chosen, terms=terms)

    further = {"sets": sets, "chosen": request.POST.get("scenario_set", "")}
    return _measured(request, code, Task.SCENARIOS, SCENARIO_FIELDS, ask, further)


def _measured(
    request: PersonRequest,
    code: UUID,
    task: Task,
    specs: Sequence[FieldSpec],
    ask: Callable[[StrategyVersion, Typed], StrategyRun],
    further: Context | None = None,
) -> HttpResponse:
    found = get_visible(request.user, Strategy, code)
    typed, problems = default_texts(specs), tuple[Problem, ...]()
    if request.method == "POST":
        require_on(request.user, found.desk, needed_action(task))
        typed = posted(specs, request.POST, "")
        try:
            return redirect("strategy-run", ask(latest_version(found), typed).code)
        except Invalid as error:
            problems = error.problems
    context = {
        **strategy_context(request, found, f"strategy-{task}"),
        **(further or {}),
        "fields": fields_of(specs, typed, "", problems),
        "problems": _apart(problems, specs),
        "runs": _runs(found, task),
    }
    return render(request, f"strategies/{task}.html", context, status=422 if problems else 200)


# Sets of scenarios


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def scenario_set_new(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of a new set on a desk."""
    desk = get_desk(request.user, code)
    require_on(request.user, desk, Action.MEASURE)
    return _edited(request, desk, None)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def scenario_set(request: PersonRequest, code: UUID) -> HttpResponse:
    """A set as rows; who may measure changes it here."""
    found = get_visible(request.user, ScenarioSet, code)
    return _edited(request, found.desk, found)


def _edited(request: PersonRequest, desk: Desk, known: ScenarioSet | None) -> HttpResponse:
    name, rows = (known.name, rows_of(known.scenarios)) if known else ("", [])
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        name, rows = request.POST.get("name", ""), _posted_rows(request)
        if request.POST.get("do") != "more":
            rows = _without_last_blanks(rows)
        try:
            if request.POST.get("do") == "delete" and known:
                delete_scenario_set(by=request.user, scenario_set=known)
                messages.success(request, f"{known} is deleted.")
                return redirect("desk", desk.code)
            if request.POST.get("do") != "more":
                made = save_scenario_set(by=request.user, desk=desk, name=name, rows=rows, known=known)
                messages.success(request, f"{made} is saved.")
                return redirect("desk-scenarios", made.code)
        except Invalid as error:
            problems = error.problems
    context = {
        "section": SECTION,
        "desk": desk,
        "known": known,
        "name": name,
        "rows": _shown_rows(rows, problems),
        "kinds": list(KINDS.items()),
        "problems": problems,
        "may_measure": Action.MEASURE in actions_of(request.user, desk),
    }
    return render(request, "strategies/scenario_set.html", context, status=422 if problems else 200)


def _posted_rows(request: PersonRequest) -> list[dict[str, str]]:
    columns = [request.POST.getlist(column) for column in COLUMNS]
    return [dict(zip(COLUMNS, cells, strict=True)) for cells in zip(*columns, strict=False)]


def _without_last_blanks(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    filled = [number for number, row in enumerate(rows, start=1) if row["scenario"] or row["of"] or row["shock"]]
    return rows[: max(filled, default=0)]


def _shown_rows(rows: Sequence[Mapping[str, str]], problems: Sequence[Problem]) -> list[Context]:
    """The rows with what is wrong in each cell, and some blank ones below."""
    wrong = {problem.place for problem in problems}
    blank = {"scenario": "", "kind": FACTOR, "of": "", "shock": ""}
    every = [*rows, *[blank] * BLANK_ROWS]
    return [
        {**row, "number": number, "wrong": {column: f"{number}.{column}" in wrong for column in COLUMNS}}
        for number, row in enumerate(every, start=1)
    ]
