"""What the watcher does from time to time, and when it last did: kept in the database, for Redis may be away."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone

from jobs.registry import sweeps

# What looks every few seconds writes no oftener than this: each writing takes the database's only writer.
WRITTEN_EVERY = timedelta(minutes=1)
KEPT_SECONDS = 30 * 24 * 60 * 60
RECOVERY = "jobs looked after"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """The last look of one thing: when, how much it last did and when that was, and why it failed, if it did."""

    name: str
    looked_at: datetime | None = None
    did: int = 0
    did_at: datetime | None = None
    error: str = ""

    @property
    def title(self) -> str:
        """Its name in words."""
        return self.name.replace("_", " ")


def watched(name: str, look: Callable[[], int]) -> int:
    """How much `look` did. Whatever goes wrong is logged, kept to be shown, and tried again at the next look: a full disk
    or an absent database must not end the watcher."""
    try:
        did, error = look(), ""
    except Exception as failure:
        did, error = 0, f"{type(failure).__name__}: {failure}"[:300]
        log.warning("watch_failed", watching=name, reason=str(failure), exc_info=not isinstance(failure, DatabaseError))
    _keep(name, did, error)
    return did


def looks() -> list[Look]:
    """The last look of everything that is watched, in order of name; one never made has no time."""
    known = {name: _key(name) for name in sorted((RECOVERY, *sweeps()))}
    kept = cache.get_many(known.values())
    return [Look(**{"name": name, **kept.get(key, {})}) for name, key in known.items()]


def _key(name: str) -> str:
    return f"watched:{name.replace(' ', '-')}"


_written: dict[str, tuple[float, str]] = {}


def _keep(name: str, did: int, error: str) -> None:
    written_at, said = _written.get(name, (0.0, ""))
    if not did and said == error and written_at and time.monotonic() - written_at < WRITTEN_EVERY.total_seconds():
        return
    key, now = _key(name), timezone.now()
    try:
        before: dict[str, Any] = cache.get(key) or {}
        done = (
            {"did": did, "did_at": now} if did else {each: before[each] for each in ("did", "did_at") if each in before}
        )
        cache.set(key, {**asdict(Look(name, now, error=error)), **done}, KEPT_SECONDS)
    except DatabaseError as failure:
        log.warning("look_not_kept", watching=name, reason=str(failure))
        return
    _written[name] = (time.monotonic(), error)
