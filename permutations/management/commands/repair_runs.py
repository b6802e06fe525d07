"""Looks whether the files of runs are what was written, and has damaged ones computed again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from engine import ENGINE_VERSION
from lib.errors import AtlasError
from lib.verbs import refuse
from permutations.aside import Aside
from permutations.integrity import Damage, damages_of, mend_chunks
from permutations.kept import drop_superseded
from permutations.management.commands._runs import add_run, finished_runs
from permutations.models import Run
from permutations.ranking import rank_run
from permutations.translate import run_case


class Command(BaseCommand):
    """Ends with 0 when every file is sound in the end, 1 when one is not."""

    help = "Checks the files of finished runs against their SHA-256, and evaluates and ranks what is damaged again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_run(parser)
        parser.add_argument("--check", action="store_true", help="Only say what is damaged.")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = finished_runs(options)
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
            sentence = f"It was made by engine {run.engine_version}; this is {ENGINE_VERSION}."
            raise refuse("other_engine", "run", sentence)
        case = run_case(run)
        if all(damage.chunk is not None for damage in found):
            mend_chunks(run, case)
        else:
            with Aside.again(run.code) as aside:
                run.summary = rank_run(run, case, aside)  # which mends the chunks first
            run.save(update_fields=["summary"])
        drop_superseded(run)
