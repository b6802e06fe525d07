"""Starts a run of a project, follows it on the terminal, and prints what it found."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.terminal import acting_person
from jobs.models import JobState
from jobs.progress import job_progress
from jobs.recovery import free_lost_parts
from jobs.work import work
from lib.errors import AtlasError
from lib.terminal import json_file
from permutations.access import require_can_run
from permutations.management.commands._runs import run_code
from permutations.models import Run
from permutations.queries import top_results
from permutations.services.request_run import request_run
from permutations.services.resume_run import resume_run
from permutations.terminal import progress_line, result_table
from projects.access import get_project
from projects.models import Project
from projects.services import approve_submission, submit_project

FROM_COMMAND_LINE = "By run_permutations --approve."
FOLLOW_SECONDS = 0.2
QUIET_SECONDS = 15.0


class Command(BaseCommand):
    """Ends with 0 when the run is done, 1 when it failed or was cancelled."""

    help = "Evaluates a project's permutations on the workers, or with --inline in this process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--project", help="Code of the project to run.")
        what.add_argument("--resume", metavar="RUN", help="Code of a failed or cancelled run to go on with.")
        parser.add_argument("--levers", type=Path, help="JSON file: {'axes': {axis: [values]}, 'filters': [...]}.")
        parser.add_argument("--terms", type=Path, help="JSON file with the assumptions that differ from the defaults.")
        parser.add_argument("--budget", type=int, help="Most permutations to evaluate; a larger space is sampled.")
        parser.add_argument("--seed", type=int, default=0, help="Seed of the sample.")
        parser.add_argument(
            "--all-rows",
            action="store_true",
            default=None,
            help="Keep rows of what stopped too, of a large run as well.",
        )
        parser.add_argument("--as", dest="email", help="E-mail of the person the run is recorded for.")
        parser.add_argument(
            "--approve", action="store_true", help="Submit and approve the project's inputs first, where they are not."
        )
        parser.add_argument("--inline", action="store_true", help="Evaluate in this process, without Redis.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = _requested(options)
        except AtlasError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Run {run.code}: {run.evaluated_count:,} of {run.space_count:,} permutations")
        run = self._evaluate_here(run) if options["inline"] else self._follow(run)
        if run.state != JobState.DONE:
            raise CommandError(f"The run is {run.get_state_display().lower()}. {run.error}".strip())
        self.stdout.write(result_table(run, list(top_results(run))))

    def _evaluate_here(self, run: Run) -> Run:
        free_lost_parts()
        try:
            work(run.code, after_part=self._show)
        except KeyboardInterrupt as error:
            message = f"Stopped. Go on with: manage.py run_permutations --resume {run.code} --inline"
            raise CommandError(message) from error
        finally:
            self.stdout.write("")
        run.refresh_from_db()
        return run

    def _follow(self, run: Run) -> Run:
        waiting_since = time.monotonic()
        told = False
        while run.is_active:
            time.sleep(FOLLOW_SECONDS)
            run.refresh_from_db()
            self._show(run)
            if run.state == JobState.QUEUED and not told and time.monotonic() - waiting_since > QUIET_SECONDS:
                told = True
                self.stderr.write("\nNo worker has taken the run yet: are Redis and a worker running? Or use --inline.")
        self.stdout.write("")
        return run

    def _show(self, run: Run) -> None:
        line = progress_line(job_progress(run))
        if sys.stdout.isatty():
            self.stdout.write(f"\r{line}\x1b[K", ending="")
            self.stdout.flush()
        elif run.chunks_done != getattr(self, "_shown", None):
            self._shown = run.chunks_done
            self.stdout.write(line)


def _requested(options: dict[str, Any]) -> Run:
    by = acting_person(options["email"])
    enqueue = not options["inline"]
    if options["resume"]:
        run = Run.objects.filter(code=run_code(options["resume"])).first()
        if run is None:
            raise CommandError(f"There is no run {options['resume']}.")
        return run if run.is_active else resume_run(by=by, run=run, enqueue=enqueue)
    project = get_project(by, options["project"])
    if options["approve"]:
        _approve(by, project)
    return request_run(
        by=by,
        project=project,
        levers=json_file(options["levers"]),
        terms=json_file(options["terms"]),
        budget=options["budget"],
        seed=options["seed"],
        all_rows=options["all_rows"],
        enqueue=enqueue,
    )


def _approve(by: User, project: Project) -> None:
    require_can_run(by)
    submission = submit_project(by=by, project=project, note=FROM_COMMAND_LINE)
    if submission.is_pending:
        approve_submission(by=by, submission=submission, comment=FROM_COMMAND_LINE)
