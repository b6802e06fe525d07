"""The kinds of long job of this room."""

from __future__ import annotations

from django.urls import reverse

from financings.comparison import MOST
from jobs.registry import Kind, register
from securitisation.access import visible_note_packs, visible_runs
from securitisation.models import NotesPack, NotesRun
from securitisation.papers.making import make_papers
from securitisation.running import run_version


def register_kinds() -> None:
    """Runs of notes and packs of their papers are known to the jobs."""
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
            most_active=MOST,  # as many as are compared
        )
    )
    register(
        Kind(
            model=NotesPack,
            label="Papers of notes",
            queue="packs",
            work=make_papers,
            visible=visible_note_packs,
            address=lambda pack: reverse("notes-pack", args=[pack.code]),
            related=("run__version__structure", "run__version__pool", "requested_by", "issued_by"),
            unit="documents",
            most_active=5,
        )
    )
