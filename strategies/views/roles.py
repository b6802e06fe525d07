"""Runs of the four roles: each step with its calls and text, and the run again from its record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from engine.strategies.roles import DETERMINISTIC, TITLES
from jobs.models import JobState
from lib.errors import Invalid
from strategies.access import get_visible
from strategies.models import RoleRun, Strategy, StrategyRun, Task
from strategies.queries import latest_version, runs_of
from strategies.services.roles import replayed, request_roles
from strategies.views.compliance import BADGES
from strategies.views.runs import SHOWN
from strategies.views.shown import strategy_context

SHOWN_RUNS, SHOWN_WAITING = 30, 5
POINT = "- "


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def roles(request: PersonRequest, code: UUID) -> HttpResponse:
    """The runs of a strategy, and putting the roles to work."""
    strategy = get_visible(request.user, Strategy, code)
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            made = request_roles(by=request.user, version=latest_version(strategy))
            return redirect("strategy-run", made.code)
        except Invalid as error:
            problems = error.problems
    rows = RoleRun.objects.filter(version__strategy=strategy).select_related("version", "made_by")[:SHOWN_RUNS]
    context = {
        **strategy_context(request, strategy, "strategy-roles"),
        "runs": [(row, BADGES.get(row.status, "")) for row in rows],
        "titles": TITLES.values(),
        "waiting": runs_of(strategy).filter(task=Task.ROLES).exclude(state=JobState.DONE)[:SHOWN_WAITING],
        "problems": problems,
    }
    return render(request, "strategies/roles.html", context, status=422 if problems else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def role_run(request: PersonRequest, code: UUID) -> HttpResponse:
    """One run step by step; a post runs it again from its record."""
    row = get_visible(request.user, RoleRun, code)
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            steps = len(replayed(row).steps)
            messages.success(
                request,
                f"Run again from the record: {steps} steps, the same to the letter. No tool worked and no model was asked.",
            )
            return redirect("role-run", row.code)
        except Invalid as error:
            problems = error.problems
    context = {
        **strategy_context(request, row.version.strategy, "strategy-roles"),
        "run_version": row.version,
        **_pass_context(row, StrategyRun.objects.filter(code=row.code).first()),
        "problems": problems,
    }
    return render(request, "strategies/role_run.html", context, status=422 if problems else 200)


def findings(run: StrategyRun, request: PersonRequest) -> dict[str, Any]:
    """The pass that a job made."""
    return _pass_context(RoleRun.objects.select_related("made_by").get(code=run.code), run)


def _pass_context(row: RoleRun, run: StrategyRun | None) -> dict[str, Any]:
    """A pass and the runs that it read; they are not known of one that was made before passes were jobs."""
    exchanges = row.record["exchanges"]
    return {
        "role_run": row,
        "badge": BADGES.get(row.status, ""),
        "steps": [_step(row.record, step) for step in row.record["steps"]],
        "exchanges": exchanges,
        "tokens": sum(each["said"]["tokens_in"] + each["said"]["tokens_out"] for each in exchanges),
        "by_planner": row.model == DETERMINISTIC,
        "rests_on": run.summary["rests_on"] if run else [],
    }


def _step(record: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
    calls = [call for call in record["calls"] if call["role"] == step["role"]]
    return {
        "title": TITLES[step["role"]],
        "blocks": _blocks(step["text"]),
        "worded_by": "" if step["worded_by"] == DETERMINISTIC else step["worded_by"],
        "calls": [
            {
                "tool": call["tool"],
                "refusal": call["refusal"],
                "arguments": _shown(call["arguments"]),
                "result": _shown(call["result"]),
            }
            for call in calls
        ],
    }


def _blocks(text: str) -> list[tuple[bool, list[str]]]:
    """Lines that follow each other, points and others apart: whether they are points, and what they say."""
    grouped = groupby(text.split("\n"), key=lambda line: line.startswith(POINT))
    return [(points, [line.removeprefix(POINT) for line in lines]) for points, lines in grouped]


def _shown(value: Any) -> str:
    return "" if value is None else json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)


SHOWN[Task.ROLES] = ("strategy-roles", "strategies/findings/roles.html", findings)
