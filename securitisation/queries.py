"""What pages and verbs ask of the rows."""

from __future__ import annotations

from django.db.models import QuerySet

from jobs.models import JobState
from securitisation.models import NotesPack, NotesRun, NoteStructure, StructureVersion


def versions_of(structure: NoteStructure) -> QuerySet[StructureVersion]:
    """The versions, the last first."""
    return StructureVersion.objects.filter(structure=structure).select_related("structure", "pool", "made_by")


def latest_version(structure: NoteStructure) -> StructureVersion:
    """The structure as it is."""
    found = versions_of(structure).first()
    assert found is not None
    return found


def runs_of(structure: NoteStructure) -> QuerySet[NotesRun]:
    """The runs of every version, the last first."""
    found = NotesRun.objects.filter(version__structure=structure)
    return found.select_related("version__structure", "version__pool", "requested_by")


def last_result(version: StructureVersion) -> NotesRun | None:
    """The last run of a version that is done."""
    return runs_of(version.structure).filter(version=version, state=JobState.DONE).first()


def packs_of(run: NotesRun) -> QuerySet[NotesPack]:
    """The packs of a run, the last first."""
    return NotesPack.objects.filter(run=run).select_related("requested_by", "issued_by")
