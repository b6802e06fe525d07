"""A run of a strategy: followed while it works, then read; each task shows what it found its own way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from jobs.access import may_cancel
from jobs.models import JobState
from strategies.access import get_visible
from strategies.models import StrategyRun, Task
from strategies.views.shown import strategy_context

Findings = Callable[[StrategyRun, PersonRequest], dict[str, Any]]
# By task: the page's tab, the template of what was found (in strategies/findings/), and its context.
SHOWN: dict[Task, tuple[str, str, Findings]] = {}


@signed_in
@require_safe
def run(request: PersonRequest, code: UUID) -> HttpResponse:
    """One run: its progress while it works, then what it found."""
    found = get_visible(request.user, StrategyRun, code)
    tab, template, findings = SHOWN[Task(found.task)]
    context = {
        **strategy_context(request, found.version.strategy, tab),
        "run": found,
        "run_version": found.version,
        "findings": template,
        "may_cancel": may_cancel(request.user, found),
    }
    if found.state == JobState.DONE:
        context |= findings(found, request)
    return render(request, "strategies/run.html", context)
