"""Runs structures of notes and prints their classes, of several beside each other."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.terminal import acting_person
from documents.facts.marks import Marks
from financings.comparison import require_few
from financings.models import Financing
from jobs.models import JobState
from jobs.work import work
from lib.errors import AtlasError
from lib.terminal import json_file
from permutations.models import Run
from permutations.services.open_permutation import open_permutation
from projects.access import get_project
from securitisation.access import get_structure
from securitisation.models import NotesRun, NoteStructure
from securitisation.papers.facts import facts_of
from securitisation.papers.making import archive_of
from securitisation.queries import latest_version
from securitisation.services.make_pool import make_pool
from securitisation.services.request_notes_run import request_notes_run
from securitisation.services.write_structure import make_structure
from securitisation.terminal import class_table, side_table


class Command(BaseCommand):
    """Ends with 0 when the run is done; it is kept as one asked for on the page."""

    help = "Runs the last version of a structure of notes in this process, with scenarios of a file beside its grid."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--structure", nargs="+", help="Code of the structure; of several, which are then compared.")
        what.add_argument("--project", help="Code of a project: the best financing of its latest run is securitised.")
        parser.add_argument("--scenarios", type=Path, help="JSON file: [{'name': ..., 'behaviour': {...}}].")
        parser.add_argument("--papers", type=Path, help="The file to write the run's papers to, as drafts in a ZIP.")
        parser.add_argument("--as", dest="email", help="E-mail of the person the run is recorded for.")

    def handle(self, *args: Any, **options: Any) -> None:
        scenarios = json_file(options["scenarios"], list) or []
        by = acting_person(options["email"])
        try:
            structures = _structures(by, options)
            if options["papers"] and len(structures) > 1:
                raise CommandError("--papers is of one structure.")
            runs = [self._run(by, structure, scenarios) for structure in structures]
        except AtlasError as error:
            raise CommandError(str(error)) from error
        if len(runs) > 1:
            self.stdout.write("\n" + side_table(runs))
        if options["papers"]:
            self._write_papers(runs[0], options["papers"])

    def _write_papers(self, run: NotesRun, path: Path) -> None:
        try:
            content = archive_of(facts_of(run, Marks()))
            path.write_bytes(content)
        except AtlasError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{path}: cannot be written: {error.strerror}.") from error
        self.stdout.write(f"Papers, as drafts: {path}, {len(content):,} bytes")

    def _run(self, by: User, structure: NoteStructure, scenarios: list[Any]) -> NotesRun:
        terms = {"scenarios": scenarios}
        run = request_notes_run(by=by, version=latest_version(structure), terms=terms, enqueue=False)
        self.stdout.write(f"Run {run.code} of {structure}, code {structure.code}: {run.total_count} scenarios")
        work(run.code)
        run = NotesRun.objects.select_related("version__structure", "version__pool").get(code=run.code)
        if run.state != JobState.DONE:
            raise CommandError(f"The run is {run.get_state_display().lower()}. {run.error}".strip())
        self.stdout.write(class_table(run))
        return run


def _structures(by: User, options: dict[str, Any]) -> list[NoteStructure]:
    """Those named, or the one of a project's best financing."""
    if options["structure"]:
        codes = list(dict.fromkeys(map(_code, options["structure"])))
        if len(codes) > 1:
            require_few(len(codes), "structures")
        return [get_structure(by, code) for code in codes]
    financing = _best_financing(by, options["project"])
    name = f"{financing.project.title} notes"
    known = NoteStructure.objects.filter(name=name).first()
    return [known or make_structure(by=by, name=name, pool=make_pool(by=by, financings=[financing.code]))]


def _best_financing(by: User, code: str) -> Financing:
    """The best of the project's latest finished run, opened."""
    project = get_project(by, _code(code))
    done = Run.objects.filter(project=project, state=JobState.DONE).order_by("-finished_at", "-pk")
    for run in done:
        best = run.top_results.order_by("rank").first()
        if best is not None:
            return open_permutation(by=by, run=run, index=best.permutation_index)
    raise CommandError("The project has no finished run with a structure that passes both gates.")


def _code(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise CommandError(f"Code: expected a UUID, got {text!r}.") from None
