"""Health: can this process reach what it needs?"""

from collections.abc import Callable

import django_rq
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import RedisError


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 when rows can be read, else 503; a lost Redis is told but stops only new work."""
    database, redis = _answers(_read_database), _answers(_ping_redis)
    return JsonResponse({"database": database, "redis": redis}, status=200 if database else 503)


def _answers(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except (DatabaseError, RedisError, OSError):
        return False
    return True


def _read_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ping_redis() -> None:
    django_rq.get_connection("default").ping()
