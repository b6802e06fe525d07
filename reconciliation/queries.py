"""What pages and verbs ask of the rows."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Min, Q, QuerySet
from django.utils import timezone

from accounts.models import AuditEntry
from engine.reconciliation.verdicts import MATCHED
from reconciliation.models import (
    UNSETTLED,
    USABLE,
    Break,
    BreakState,
    DocumentTemplate,
    MappingTemplate,
    MatchGroup,
    ReceivedFile,
    ReconciliationRun,
    ReconciliationTerms,
    Source,
)
from records.models import Status, V

AGE_HOURS = (1, 4, 24, 72)
WEEKS_SHOWN = 8
# Of the queue.
FILTERS = ("state", "severity", "team", "counterparty", "product", "cluster", "type", "definition", "owner", "q")
# What actions of the room begin with.
TRAIL = ("break", "break_pack", "delivery", "reconciliation", MappingTemplate.kind.name, ReconciliationTerms.kind.name)


def in_force(versions: QuerySet[V], day: date) -> V | None:
    """The version in force on a day."""
    return (
        versions.filter(status=Status.ACTIVE, effective_from__lte=day).order_by("-effective_from", "-version").first()
    )


def mapping_of(source: Source, day: date) -> MappingTemplate | None:
    """The source's mapping in force."""
    return in_force(MappingTemplate.objects.filter(family=source.mapping_family), day)


def terms_in_force(day: date) -> ReconciliationTerms | None:
    """The reconciliation terms in force."""
    return in_force(ReconciliationTerms.objects.all(), day)


def files_of_day(sources: QuerySet[Source], day: date) -> QuerySet[ReceivedFile]:
    """What may enter a run of the day, in the order in which it came."""
    return ReceivedFile.objects.filter(source__in=sources, business_date=day, state__in=USABLE).order_by(
        "received_at", "pk"
    )


def taught_of(source: Source) -> DocumentTemplate:
    """What people taught of a source's scans; an empty one where nobody did."""
    return DocumentTemplate.objects.filter(source=source).first() or DocumentTemplate(source=source)


def standing_hedges(about: UUID) -> QuerySet[ReceivedFile]:
    """The file of a project's hedges that counts: that of its last pack or notes."""
    return ReceivedFile.objects.filter(origin_about=about, state__in=USABLE)


def hedges_of(label: str, code: UUID) -> QuerySet[ReceivedFile]:
    """The files of the hedges that one pack or structure of notes wrote, with their trades."""
    found = ReceivedFile.objects.filter(origin_label=label, origin_code=code)
    return found.prefetch_related("records").order_by("-received_at", "-pk")


def queue(filters: dict[str, str]) -> QuerySet[Break]:
    """The breaks that filters leave, the most urgent and oldest first; unsettled ones where no state is asked for."""
    found = Break.objects.select_related("owner", "definition")
    state = filters.get("state", "")
    found = found.filter(state=state) if state else found.filter(state__in=UNSETTLED)
    for name in ("severity", "team", "counterparty", "product", "cluster", "type"):
        if value := filters.get(name):
            found = found.filter(**{name: value})
    if value := filters.get("definition"):
        found = found.filter(definition__code=value)
    if value := filters.get("owner"):
        found = found.filter(owner=None) if value == "nobody" else found.filter(owner__email=value)
    if value := filters.get("q", "").strip():
        found = found.filter(Q(reference__icontains=value) | Q(cause__icontains=value))
    return found


def codes_in(typed: Iterable[str]) -> list[UUID]:
    """The codes among what a form sent."""
    found = []
    for each in typed:
        with suppress(ValueError):
            found.append(UUID(each))
    return found


def trail() -> QuerySet[AuditEntry]:
    """What people did in the room: with breaks, sources, files, runs, mappings and terms."""
    return AuditEntry.shown.filter(action__regex=rf"^({'|'.join(TRAIL)})\.")


def clusters() -> list[dict[str, Any]]:
    """Unsettled breaks that look alike, the largest cluster first."""
    open_ = Break.objects.filter(state=BreakState.OPEN).exclude(cluster="").order_by()
    told = {name: Min(name) for name in ("type", "product", "counterparty", "cause")}
    found = open_.values("cluster").annotate(count=Count("pk"), **told)
    return [dict(each) for each in found.filter(count__gte=2).order_by("-count")[:20]]


def ageing(now: datetime | None = None) -> list[tuple[str, dict[str, int], int]]:
    """Unsettled breaks by age and severity: words of the age, count by severity, total."""
    moment, edges = now or timezone.now(), (0, *AGE_HOURS)
    open_ = Break.objects.filter(state__in=UNSETTLED).order_by()
    found = []
    for number, hours in enumerate(edges):
        to = edges[number + 1] if number + 1 < len(edges) else None
        aged = open_.filter(opened_at__lte=moment - timedelta(hours=hours)) if hours else open_
        aged = aged.filter(opened_at__gt=moment - timedelta(hours=to)) if to else aged
        counts = dict(aged.values_list("severity").annotate(Count("pk")))
        words = f"under {to} h" if not hours else f"{hours} to {to} h" if to else f"over {hours} h"
        found.append((words, counts, sum(counts.values())))
    return found


def match_rates() -> list[dict[str, Any]]:
    """How much of each counterparty's records matched, by week of the business date, the latest first."""
    done = ReconciliationRun.objects.filter(state="done", created_at__gte=timezone.now() - timedelta(weeks=WEEKS_SHOWN))
    last = done.order_by("definition", "business_date", "-created_at")
    runs: dict[tuple[int, date], ReconciliationRun] = {}
    for run in last:
        runs.setdefault((run.definition_id, run.business_date), run)
    kept = {run.id: run.business_date for run in runs.values()}
    rows = MatchGroup.objects.filter(run__id__in=kept).order_by().values("run__id", "counterparty")
    counted = rows.annotate(
        total=Count("pk"), matched=Count("pk", filter=Q(verdict__in=[str(each) for each in MATCHED]))
    )
    weeks: dict[tuple[date, str], list[int]] = {}
    for row in counted:
        day = kept[row["run__id"]]
        total = weeks.setdefault((day - timedelta(days=day.weekday()), row["counterparty"]), [0, 0])
        total[0] += row["matched"]
        total[1] += row["total"]
    return [
        {"week": week, "counterparty": name, "matched": matched, "total": total, "ratio": matched / total}
        for (week, name), (matched, total) in sorted(weeks.items(), key=lambda each: each[0], reverse=True)
        if total
    ]


def kept_in_time() -> list[dict[str, Any]]:
    """Settled breaks by counterparty: how many, and how many within their hours."""
    settled = Break.objects.filter(
        state__in=(BreakState.RESOLVED, BreakState.GONE), settled_at__isnull=False
    ).order_by()
    found = settled.values("counterparty").annotate(
        count=Count("pk"), in_time=Count("pk", filter=Q(settled_at__lte=F("resolve_by")))
    )
    return [dict(each) for each in found.order_by("counterparty")]


def statements(day: date, now: datetime | None = None) -> list[dict[str, Any]]:
    """Each source that has a time: whether its file of the day came, is still to come, or is late."""
    moment = timezone.localtime(now)
    due = Source.objects.filter(is_active=True, due_at__isnull=False)
    came = {
        row["source"]: row
        for row in ReceivedFile.objects.filter(business_date=day, state__in=USABLE)
        .values("source")
        .annotate(Count("pk"))
    }
    found = []
    for source in due:
        is_past = source.due_at is not None and (
            day < moment.date() or (day == moment.date() and moment.time() > source.due_at)
        )
        state = "received" if source.pk in came else "late" if is_past else "waiting"
        found.append({"source": source, "state": state})
    return found
