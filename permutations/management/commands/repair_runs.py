"""Looks whether the files of runs are what was written, and has damaged ones computed again."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from engine import ENGINE_VERSION
from jobs.models import JobState
from lib.errors import AtlasError
from permutations.integrity import Damage, damages_of, mend_chunks
from permutations.models import Run
from permutations.ranking import rank_run
from permutations.translate import run_case


class Command(BaseCommand):
    """Ends with 0 when every file is sound in the end, 1 when one is not."""

    help = "Checks the files of finished runs against their SHA-256, and evaluates and ranks what is damaged again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--run", metavar="CODE", help="Only this run.")
        parser.add_argument("--check", action="store_true", help="Only say what is damaged.")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = (
            Run.objects.filter(state=JobState.DONE).select_related("snapshot", "rule_set", "market_set").order_by("pk")
        )
        if options["run"]:
            runs = runs.filter(code=_code(options["run"]))
            if not runs.exists():
                raise CommandError(f"There is no finished run {options['run']}.")
        unsound = [run for run in runs if not self._is_sound(run, only_look=options["check"])]
        self.stdout.write(f"{len(runs)} runs looked at, {len(unsound)} damaged.")
        if unsound:
            raise CommandError("Some runs are damaged.")

    def _is_sound(self, run: Run, *, only_look: bool) -> bool:
        found = damages_of(run)
        for damage in found:
            self.stdout.write(f"run {run.code}: {damage.name} {damage.words}")
        if not found or only_look:
            return not found
        try:
            self._repair(run, found)
        except AtlasError as refused:
            self.stdout.write(f"run {run.code}: {refused}")
            return False
        self.stdout.write(f"run {run.code}: sound again")
        return not damages_of(run)

    def _repair(self, run: Run, found: list[Damage]) -> None:
        if run.engine_version != ENGINE_VERSION:
            raise CommandError(f"run {run.code} was made by engine {run.engine_version}; this is {ENGINE_VERSION}.")
        case = run_case(run)
        mend_chunks(run, case)
        if any(damage.chunk is None for damage in found):
            run.summary = rank_run(run, case)
            run.save(update_fields=["summary"])


def _code(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise CommandError(f"Run code: expected a UUID, got {text!r}.") from None
