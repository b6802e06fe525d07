"""Health: does this process live, and can it reach what it needs?"""

import os
from collections.abc import Callable
from pathlib import Path
from shutil import disk_usage

import django_rq
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import RedisError

from jobs.queue import living_workers

LEAST_FREE_BYTES = 256 * 1024 * 1024


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 when rows can be read, else 503; a lost Redis is told but stops only new work."""
    database, redis = _answers(_read_database), _answers(_ping_redis)
    return JsonResponse({"database": database, "redis": redis}, status=200 if database else 503)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process answers, whatever it can reach: for who would start it again."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 while everything is there that pages and jobs need, else 503; each by name, for who sends people here."""
    found = {name: _answers(ask) for name, ask in NEEDS.items()}
    return JsonResponse(found, status=200 if all(found.values()) else 503)


def _answers(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except (DatabaseError, RedisError, OSError, _Missing):
        return False
    return True


def _read_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ping_redis() -> None:
    django_rq.get_connection("default").ping()


class _Missing(Exception):
    """Something is there, but not as it must be."""


def _look_for_migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _Missing


def _look_at_storage() -> None:
    folder = Path(settings.ATLASNEXUS_DATA_DIR)
    if not os.access(folder, os.W_OK) or disk_usage(folder).free < LEAST_FREE_BYTES:
        raise _Missing


def _look_for_workers() -> None:
    if not living_workers(django_rq.get_connection("default")):
        raise _Missing


NEEDS: dict[str, Callable[[], None]] = {
    "database": _read_database,
    "migrations": _look_for_migrations,
    "redis": _ping_redis,
    "storage": _look_at_storage,
    "workers": _look_for_workers,
}
