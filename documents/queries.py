"""Reading packs: the lists that pages show."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from documents.models import DocumentState, Pack, PackStatus
from projects.models import Project


def pack_in_force(project: Project) -> Pack | None:
    """The project's issued pack that none has superseded."""
    issued = Pack.objects.filter(financing__project=project, status=PackStatus.ISSUED, superseded_by=None)
    return issued.order_by("-issued_at").first()


def pack_lines(packs: QuerySet[Pack]) -> QuerySet[Pack]:
    """The packs, newest first, with how many of their documents are there; nothing large is read."""
    light = packs.defer(
        "financing__terms",
        "financing__choice",
        "financing__snapshot__content",
        "financing__rule_set__content",
        "financing__project__inputs",
    )
    made = Count("documents", filter=Q(documents__state=DocumentState.DONE))
    return light.annotate(document_count=Count("documents"), made_count=made).order_by("-created_at", "-pk")
