"""Judges past runs again under their own rules and says whether every figure is the stored one."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from permutations.management.commands._runs import add_run, finished_runs
from permutations.models import Run
from permutations.rejudging import rejudge

SHOWN = 20


class Command(BaseCommand):
    """Ends with 0 when everything is identical, 1 when something differs."""

    help = "Evaluates and ranks the best permutations of finished runs again, and compares them bit for bit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_run(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        runs = finished_runs(options)
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
