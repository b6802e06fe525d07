"""Reading jobs: the list that people see."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from jobs.models import Job, Part, PartState


def job_lines(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """The jobs, newest first, with whether a worker holds a part of each; nothing large is read."""
    held = Part.objects.filter(job=OuterRef("pk"), state=PartState.CLAIMED)
    return jobs.select_related("requested_by").defer("summary").annotate(has_worker=Exists(held))
