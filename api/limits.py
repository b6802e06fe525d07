"""How often somebody may call: so many requests a minute, counted in Redis for all processes, here while it is away."""

from __future__ import annotations

import threading
import time
from collections import Counter
from functools import cache

import redis
from django.conf import settings
from django.http import HttpResponseBase
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rest_framework.exceptions import Throttled

WINDOW_SECONDS = 60


class Counted:
    """Where a caller stands in this minute."""

    def __init__(self, caller: str) -> None:
        now = time.time()
        self.limit: int = settings.ATLASNEXUS_API_REQUESTS_A_MINUTE
        self.reset_seconds = WINDOW_SECONDS - int(now % WINDOW_SECONDS)
        self.used = _count(f"api-calls:{caller}:{int(now // WINDOW_SECONDS)}")

    def require(self) -> None:
        """Nothing; Throttled beyond the limit."""
        if self.used > self.limit:
            raise Throttled(
                self.reset_seconds, f"At most {self.limit:,} requests a minute: wait for the next.", "too_many"
            )

    def tell(self, response: HttpResponseBase) -> None:
        """Nothing; the response says what is left (draft-ietf-httpapi-ratelimit-headers)."""
        left = max(0, self.limit - self.used)
        response.headers["RateLimit-Policy"] = f'"minute";q={self.limit};w={WINDOW_SECONDS}'
        response.headers["RateLimit"] = f'"minute";r={left};t={self.reset_seconds}'


_here: Counter[str] = Counter()
_lock = threading.Lock()


def _count(key: str) -> int:
    try:
        with _connection(settings.REDIS_URL).pipeline(transaction=False) as pipe:
            pipe.incr(key)
            pipe.expire(key, 2 * WINDOW_SECONDS)
            used, _ = pipe.execute()
            return int(used)
    except (RedisError, OSError):
        return _count_here(key)


def _count_here(key: str) -> int:
    with _lock:
        minute = key.rpartition(":")[2]
        for old in [each for each in _here if not each.endswith(minute)]:
            del _here[old]
        _here[key] += 1
        return _here[key]


@cache
def _connection(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=0.2, socket_timeout=0.5)
