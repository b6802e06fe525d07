"""How the platform stands now. What Redis knows is missing while it is away, and said so; the rest is read all the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from shutil import disk_usage
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count, Min, Q
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.worker import BaseWorker

from jobs.models import ACTIVE_STATES, Job, JobState, Part, PartState
from jobs.queries import job_lines
from jobs.queue import living_workers
from jobs.registry import kind_named, kinds
from jobs.watching import RECOVERY, Look, looks
from lib import personal
from lib.file_storages import where_files_lie
from lib.slots import answers
from notifications.models import Notification
from operations import machine, sizes
from operations.alerts import Alert, crossed

SHOWN = 50
FAILED_FOR = timedelta(days=7)
REDIS_AWAY = (
    "Redis does not answer: queues and workers cannot be seen, and nothing new starts. Pages go on, and jobs go on by "
    "themselves once it is back."
)


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """A queue: its entries in Redis, and the jobs that wait as rows."""

    name: str
    kinds: str
    depth: int | None  # entries; None while Redis is away
    waiting: int  # jobs
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class KindStanding:
    """Jobs of one kind that are not at rest."""

    kind: str
    label: str
    waiting: int
    working: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class WorkerStanding:
    """A worker: what it does, when it was heard of, and the memory of its process where that is on this machine."""

    name: str
    host: str
    pid: int
    state: str
    heard_at: datetime | None
    job: Job | None
    memory_bytes: int | None


@dataclass(frozen=True, slots=True)
class Ageing:
    """Personal data of one kind: how many rows are too old now, and when the next is."""

    label: str
    kept_days: int
    too_old: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What changes by the second."""

    at: datetime
    redis_problem: str
    queues: list[QueueStanding]
    kinds: list[KindStanding]
    workers: list[WorkerStanding]
    running: list[Job]
    failed_count: int
    schedule: list[Look]
    values: dict[str, float | None]
    alerts: list[Alert]


def standing() -> Standing:
    """How queues, workers and jobs stand, and which limits are crossed."""
    now = timezone.now()
    by_kind = _kinds()
    depths, found, problem = _from_redis()
    watched = looks()
    values = _values(now, depths, found, watched)
    return Standing(
        at=now,
        redis_problem=problem,
        queues=_queues(by_kind, depths),
        kinds=by_kind,
        workers=_workers(found),
        running=list(job_lines(Job.objects.filter(state=JobState.WORKING))[:SHOWN]),
        failed_count=failed_jobs().count(),
        schedule=watched,
        values=values,
        alerts=crossed(values),
    )


def failed_jobs() -> Any:
    """Jobs that failed within the last week, the latest first."""
    since = timezone.now() - FAILED_FOR
    return job_lines(Job.objects.filter(state=JobState.FAILED, finished_at__gte=since)).order_by("-finished_at", "code")


def database() -> dict[str, Any]:
    """Kind, version and size of the database, and migrations that are not applied."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database()), current_setting('server_version')")
        else:
            cursor.execute("SELECT page_count * page_size, sqlite_version() FROM pragma_page_count, pragma_page_size")
        size, version = cursor.fetchone()
    applied = set(MigrationRecorder(connection).applied_migrations())
    missing = sorted(f"{app}.{name}" for app, name in _known_migrations() - applied)
    return {
        "backend": {"postgresql": "PostgreSQL", "sqlite": "SQLite"}.get(connection.vendor, connection.vendor),
        "version": version,
        "size_bytes": size,
        "applied_count": len(applied),
        "missing_migrations": missing,
    }


def storage() -> dict[str, Any]:
    """Where files lie, what room is left, how much of each kind there is, and the last backup with its verdict."""
    measured_at, found = sizes.measured()
    return {
        "folder": str(settings.ATLASNEXUS_DATA_DIR),
        "files_in": where_files_lie(settings.ATLASNEXUS_FILES_URL),
        "free_bytes": disk_free_bytes(),
        "measured_at": measured_at,
        "sizes": found,
        "backup": newest_backup(),
        "backups_in": settings.ATLASNEXUS_BACKUP_DIR,
    }


def personal_data() -> list[Ageing]:
    """What of personal data goes with age: of each kind how much would go now, and when more does."""
    found = []
    for label, each in personal.ageing().items():
        days = settings.ATLASNEXUS_KEPT_DAYS[each.kind]
        before = personal.kept_since(each.kind)
        rows = each.model._base_manager.filter(each.only)
        count = each.too_old().count()
        oldest = rows.filter(**{f"{each.since}__gte": before}).aggregate(at=Min(each.since))["at"] if before else None
        name = str(each.model._meta.verbose_name_plural).capitalize()
        found.append(Ageing(name or label, days, count, oldest + timedelta(days=days) if oldest else None))
    return found


def disk_free_bytes() -> int:
    """Room left where the data folder is."""
    return disk_usage(settings.ATLASNEXUS_DATA_DIR).free


def newest_backup() -> dict[str, Any] | None:
    """The newest backup, as whoever makes them says."""
    return next(answers("operations.backup"), None)


def _kinds() -> list[KindStanding]:
    waiting, working = Q(state=JobState.QUEUED), Q(state=JobState.WORKING)
    rows = (
        Job.objects.filter(state__in=ACTIVE_STATES)
        .order_by()
        .values("kind")
        .annotate(
            waiting=Count("pk", filter=waiting), working=Count("pk", filter=working),
            oldest_at=Min("created_at", filter=waiting),
        )
    )  # fmt: skip
    known: dict[str, dict[str, Any]] = {row["kind"]: dict(row) for row in rows}
    none: dict[str, Any] = {"waiting": 0, "working": 0, "oldest_at": None}
    return [
        KindStanding(each.name, each.label, **{name: known.get(each.name, none)[name] for name in none})
        for each in sorted(kinds(), key=lambda each: each.label)
    ]


def _queues(by_kind: list[KindStanding], depths: dict[str, int]) -> list[QueueStanding]:
    found = []
    for name in settings.RQ_QUEUES:
        here = [each for each in by_kind if kind_named(each.kind).queue == name]
        oldest = min((each.oldest_at for each in here if each.oldest_at), default=None)
        words = ", ".join(each.label for each in here) or "Mails"
        found.append(QueueStanding(name, words, depths.get(name), sum(each.waiting for each in here), oldest))
    return found


def _from_redis() -> tuple[dict[str, int], list[BaseWorker] | None, str]:
    """Entries of each queue, the workers, and what keeps from seeing them; no answer is waited for longer than a second."""
    server = redis.Redis.from_url(
        settings.REDIS_URL, retry=Retry(NoBackoff(), 0), socket_connect_timeout=1, socket_timeout=1
    )
    try:
        depths = {name: Queue(name, connection=server).count for name in settings.RQ_QUEUES}
        return depths, living_workers(server), ""
    except (RedisError, OSError):
        return {}, None, REDIS_AWAY
    finally:
        server.close()


def _workers(found: list[BaseWorker] | None) -> list[WorkerStanding]:
    """Workers as Redis knows them, and whoever holds a part without being known there."""
    held: dict[tuple[str, int], dict[str, Any]] = {}
    parts = Part.objects.filter(state=PartState.CLAIMED).values("claimed_by", "heartbeat_at", "job_id")
    for part in parts.order_by("heartbeat_at"):
        host, _, rest = part["claimed_by"].partition(":")
        pid = rest.partition(":")[0]
        held[host, int(pid) if pid.isdigit() else 0] = dict(part)
    by_code = Job.objects.defer("summary").in_bulk({part["job_id"] for part in held.values()})
    lines = [_line(worker, held.pop((worker.hostname or "", worker.pid or 0), None), by_code) for worker in found or ()]
    for (host, number), kept in held.items():
        state = "at a part" if found is None else "not known to Redis"
        job = by_code.get(kept["job_id"])
        memory = machine.process_bytes(host, number)
        lines.append(WorkerStanding(f"{host}:{number}", host, number, state, kept["heartbeat_at"], job, memory))
    return sorted(lines, key=lambda each: (each.host, each.pid))


def _line(worker: BaseWorker, part: dict[str, Any] | None, by_code: dict[UUID, Job]) -> WorkerStanding:
    host, pid = worker.hostname or "", worker.pid or 0
    told = [at for at in (worker.last_heartbeat, part and part["heartbeat_at"]) if at]
    heard_at = max((timezone.make_aware(at) if timezone.is_naive(at) else at for at in told), default=None)
    job = by_code.get(part["job_id"]) if part else None
    return WorkerStanding(
        f"{host}:{pid}", host, pid, str(worker.get_state()), heard_at, job, machine.process_bytes(host, pid)
    )


def _values(
    now: datetime, depths: dict[str, int], workers: list[BaseWorker] | None, watched: list[Look]
) -> dict[str, float | None]:
    """Each measure that an alert names, in its unit; None where it is not known."""
    oldest = Part.objects.filter(state=PartState.CLAIMED).aggregate(at=Min("heartbeat_at"))["at"]
    half_an_hour = now - timedelta(minutes=30)
    late = Notification.objects.filter(mail_due_at__lt=half_an_hour, sent_at=None).count()
    backup = newest_backup()
    looked = next((each.looked_at for each in watched if each.name == RECOVERY), None)
    return {
        "queue_depth": sum(depths.values()) if depths else None,
        "workers": None if workers is None else len(workers),
        "oldest_heartbeat_seconds": (now - oldest).total_seconds() if oldest else 0.0,
        "watcher_seconds": (now - looked).total_seconds() if looked else None,
        "disk_free_bytes": disk_free_bytes(),
        "mails_overdue": late,
        "backup_seconds": (now - backup["made_at"]).total_seconds() if backup else None,
        "memory_ratio": machine.memory_ratio(),
        "processor_ratio": machine.processor_ratio(),
    }


_known: set[tuple[str, str]] = set()


def _known_migrations() -> set[tuple[str, str]]:
    """Every migration of the code; read once, for reading them takes longer than the page may."""
    if not _known:
        _known.update(MigrationLoader(None).disk_migrations)
    return _known
