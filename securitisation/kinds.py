"""The kind of long job of this room."""

from __future__ import annotations

from django.urls import reverse

from jobs.registry import Kind, register
from securitisation.access import visible_runs
from securitisation.models import NotesRun
from securitisation.running import run_version


def register_kinds() -> None:
    """Runs of notes are known to the jobs."""
    register(
        Kind(
            model=NotesRun,
            label="Run of notes",
            queue="tasks",
            work=run_version,
            visible=visible_runs,
            address=lambda run: reverse("notes-run", args=[run.code]),
            related=("version__structure", "version__pool"),
            unit="scenarios",
            most_active=3,
        )
    )
