"""Judges past runs again under their own rules and says whether every figure is the stored one."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.models import JobState
from permutations.models import Run
from permutations.rejudging import rejudge

SHOWN = 20


class Command(BaseCommand):
    """Ends with 0 when everything is identical, 1 when something differs."""

    help = "Evaluates and ranks the best permutations of finished runs again, and compares them bit for bit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--run", metavar="CODE", help="Only this run.")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = Run.objects.filter(state=JobState.DONE).select_related("snapshot", "rule_set").order_by("pk")
        if options["run"]:
            runs = runs.filter(code=_code(options["run"]))
            if not runs.exists():
                raise CommandError(f"There is no finished run {options['run']}.")
        different = sum(self._show(run) for run in runs)
        self.stdout.write(f"{runs.count()} runs judged again, {different} with differences.")
        if different:
            raise CommandError("Some figures are not what was stored.")

    def _show(self, run: Run) -> bool:
        try:
            found = rejudge(run)
        except FileNotFoundError as error:
            self.stdout.write(f"run {run.code}: cannot be judged again: {error}")
            return True
        self.stdout.write(str(found))
        for difference in found.differences[:SHOWN]:
            self.stdout.write(f"  {difference}")
        return not found.is_identical


def _code(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise CommandError(f"Run code: expected a UUID, got {text!r}.") from None
