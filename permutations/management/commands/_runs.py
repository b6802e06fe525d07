"""What the commands about runs ask alike: a run's code, and the finished runs that a command is about."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db.models import QuerySet

from jobs.models import JobState
from permutations.models import Run


def add_run(parser: ArgumentParser) -> None:
    """The option that names one run."""
    parser.add_argument("--run", metavar="CODE", help="Only this run.")


def finished_runs(options: dict[str, Any]) -> QuerySet[Run]:
    """The finished runs, or the one that was named; CommandError where there is none of its code."""
    runs = Run.objects.filter(state=JobState.DONE).select_related("snapshot", "rule_set", "market_set").order_by("pk")
    if not options["run"]:
        return runs
    named = runs.filter(code=run_code(options["run"]))
    if not named.exists():
        raise CommandError(f"There is no finished run {options['run']}.")
    return named


def run_code(text: str) -> str:
    """The code as it is kept; CommandError for what is none."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise CommandError(f"Run code: expected a UUID, got {text!r}.") from None
