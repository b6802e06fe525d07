"""The portfolio of a strategy: how it is made, as rows; what a run found; weights of one's own tried at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, makes_nothing, signed_in
from engine.errors import Problem
from engine.strategies.construction import Prepared
from engine.strategies.optimise import Optimum, examine
from jobs.models import JobState
from lib.errors import Invalid, NotFound
from lib.figures import readers_format
from lib.numbers import read_number, typed_text, whole_or_none
from strategies import construction_form
from strategies.access import get_visible
from strategies.benchmarks import benchmark_in, label_of
from strategies.models import Strategy, StrategyRun, StrategyVersion, Task
from strategies.models.work import NOTE_LENGTH
from strategies.portfolio_inputs import prepared_run
from strategies.queries import latest_version, runs_of
from strategies.running.optimise import SOLVED, row_answer
from strategies.services.construct import CONSTRUCTION, request_portfolio, save_construction, save_weights
from strategies.views.runs import SHOWN
from strategies.views.shown import strategy_context

TAB = "strategy-portfolio"
SHOWN_EARLIER, SHOWN_SLIDERS = 20, 60
MOST_WEIGHT = 100.0


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def portfolio(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of the last version's construction; what is sent is saved, run, or comes back with what is wrong."""
    found = get_visible(request.user, Strategy, code)
    version = latest_version(found)
    if request.method != "POST":
        return _page(request, version, construction_form.typed_of(version.content.get(CONSTRUCTION) or {}))
    do = request.POST.get("do", "")
    if do == "run":
        return _asked(request, version, construction_form.typed_of(version.content.get(CONSTRUCTION) or {}))
    typed = construction_form.posted(request.POST)
    if construction_form.act(typed, do):
        return _page(request, version, typed)
    content, problems = construction_form.read(typed)
    if problems:
        return _page(request, version, typed, problems)
    try:
        saved = save_construction(
            by=request.user,
            strategy=found,
            construction=content,
            note=request.POST.get("note", ""),
            based_on=_whole(request.POST.get("based_on", "")),
        )
    except Invalid as error:
        return _page(request, version, typed, error.problems)
    messages.success(request, f"Version {saved.number} is saved.")
    return _asked(request, saved, typed) if do == "save_and_run" else redirect(TAB, found.code)


def _asked(request: PersonRequest, version: StrategyVersion, typed: construction_form.Typed) -> HttpResponse:
    """The run that was asked for, or the page with why it was not."""
    try:
        return redirect("strategy-run", request_portfolio(by=request.user, version=version).code)
    except Invalid as error:
        return _page(request, version, typed, error.problems, is_saved=True)


def _whole(text: str) -> int:
    return whole_or_none(text, 6) or 0


def _page(
    request: PersonRequest,
    version: StrategyVersion,
    typed: construction_form.Typed,
    problems: Sequence[Problem] = (),
    *,
    is_saved: bool = False,
) -> HttpResponse:
    strategy = version.strategy
    form = construction_form.shown(typed, problems)
    members = strategy.universe.members
    context = {
        **strategy_context(request, strategy, TAB),
        "form": form,
        "based_on": version.number if is_saved else request.POST.get("based_on", version.number),
        "problem_count": len(problems),
        "problems": form.rest,
        "is_saved": is_saved,
        "benchmark_label": label_of(benchmark_in(version.content)),
        "sectors": sorted({row["sector"] for row in members}),
        "names": sorted({row["ident"] for row in members}),
        "note": "" if is_saved else request.POST.get("note", ""),
        "note_length": NOTE_LENGTH,
        "earlier": runs_of(strategy).filter(task=Task.OPTIMISE)[:SHOWN_EARLIER],
    }
    return render(request, "strategies/portfolio.html", context, status=422 if problems else 200)


# What a run found


def findings(run: StrategyRun, request: PersonRequest) -> dict[str, Any]:
    """Weights, what they cost at their limits, or which limits conflict."""
    found = run.summary
    if found["status"] != SOLVED:
        return {"found": found}
    rows = sorted(found["weights"], key=lambda row: (-abs(row["weight"]), row["ident"]))
    weights = [
        {**row, "change": row["weight"] - row["before"]} for row in rows if row["weight"] or row["before"]
    ]  # fmt: skip
    sectors = sector_sums(found["weights"])
    return {
        "found": found,
        "weights": weights,
        "none": len(rows) - len(weights),
        "compared": compared(found["before"], found["measures"]),
        "sectors": sectors,
        "binding": [row for row in found["rows"] if row["is_binding"]],
        "charts": {
            "sectors": {
                "categories": [row["sector"] for row in sectors],
                "series": [
                    {"name": name, "values": [row[key] for row in sectors]}
                    for key, name in (("before", "Before"), ("weight", "Portfolio"), ("benchmark", "Benchmark"))
                ],
            }
        },
    }


SHOWN[Task.OPTIMISE] = (TAB, "strategies/findings/portfolio.html", findings)
MEASURES = (
    ("return_rate", "Expected return a year", "rate"),
    ("volatility_rate", "Volatility a year", "rate"),
    ("tracking_error_rate", "Tracking error a year", "rate"),
    ("beta", "Beta to the benchmark", "factor"),
    ("net_ratio", "Net", "share"),
    ("long_ratio", "Long", "share"),
    ("short_ratio", "Short", "share"),
    ("gross_ratio", "Long and short together", "share"),
    ("turnover_ratio", "Turnover, bought and sold", "share"),
    ("names", "Names", "count"),
)


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each measure before and after, in its unit."""
    return [
        {"label": label, "unit": unit, "before": _rounded(before[key]), "after": _rounded(after[key])}
        for key, label, unit in MEASURES
    ]


def _rounded(value: float | None) -> float | None:
    """Plain numbers have the decimals they have: four are enough of a beta."""
    return None if value is None else round(value, 4) + 0.0


def sector_sums(weights: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Weights by sector, net."""
    found: dict[str, dict[str, Any]] = {}
    for row in weights:
        held = found.setdefault(
            row["sector"], {"sector": row["sector"], "before": 0.0, "weight": 0.0, "benchmark": 0.0}
        )
        for key in ("before", "weight", "benchmark"):
            held[key] += row[key] or 0.0
    return [found[sector] for sector in sorted(found)]


# What if


@makes_nothing
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def what_if(request: PersonRequest, code: UUID) -> HttpResponse:
    """Weights of one's own beside a run's: return, risk and every limit at once; kept as the next version on demand."""
    run = get_visible(request.user, StrategyRun, code)
    if run.task != Task.OPTIMISE or run.state != JobState.DONE or run.summary.get("status") != SOLVED:
        raise NotFound("There is no portfolio to change.")
    prepared = prepared_run(run)
    typed, weights, problems = _typed_weights(run, prepared, request.POST)
    strategy = run.version.strategy
    if request.POST.get("do") == "keep" and not problems:
        try:
            saved = save_weights(
                by=request.user,
                strategy=strategy,
                weights=weights,
                note=request.POST.get("note", ""),
                based_on=_whole(request.POST.get("based_on", "")),
            )
        except Invalid as error:
            problems = list(error.problems)
        else:
            messages.success(request, f"Version {saved.number} holds these weights.")
            return redirect(TAB, strategy.code)
    facts = prepared.task.facts
    tried = None if problems else examine(prepared.task, np.array([weights[name] for name in facts.names]))
    context = {
        **strategy_context(request, strategy, TAB),
        "run": run,
        "typed": typed,
        "problems": problems,
        "tried": tried and _tried(run, prepared, tried),
        "has_sliders": len(typed) <= SHOWN_SLIDERS,
        "based_on": request.POST.get("based_on", latest_version(strategy).number),
        "note": request.POST.get("note", ""),
        "note_length": NOTE_LENGTH,
    }
    return render(request, "strategies/what_if.html", context, status=422 if problems else 200)


def _typed_weights(
    run: StrategyRun, prepared: Prepared, sent: QueryDict
) -> tuple[list[dict[str, str]], dict[str, float], list[Problem]]:
    """What stands in each name's field, the weights of it, and what cannot be read."""
    found = {row["ident"]: row["weight"] for row in run.summary["weights"]}
    typed, weights, problems = [], {}, []
    for name in prepared.task.facts.names:
        text = sent.get(f"w.{name}")
        if text is None:
            text = typed_text(round(found[name], 8), "share", readers_format())
        reading = read_number(text, "share", readers_format())
        value = reading.value
        if value is None or abs(value) > MOST_WEIGHT:
            words = reading.problem or "expected at most 10,000%"
            problems.append(Problem(reading.code or "out_of_range", f"w.{name}", f"{name}: {words}."))
        else:
            weights[name] = float(value)
        typed.append({"ident": name, "text": text[:40], "percent": f"{100 * float(value or 0):.2f}"})
    return typed, weights, problems


def _tried(run: StrategyRun, prepared: Prepared, tried: Optimum) -> dict[str, Any]:
    """The measures of the run and of the weights tried, and each limit of the latter."""
    measures = {name: getattr(tried.measures, name) for name, _, _ in MEASURES}
    rows = [row_answer(row) for row in tried.rows]
    return {
        "compared": compared(run.summary["measures"], measures),
        "rows": rows,
        "broken": sum(not row["is_kept"] for row in rows),
    }
