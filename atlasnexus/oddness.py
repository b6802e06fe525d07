"""Who is refused unusually often: looking for what is not theirs, or a program gone wrong. Told to administrators, and measured.

Each process counts by itself and adds to the common count by tens, so that who asks much does not make the database write much.
"""

from __future__ import annotations

import time
from collections import Counter
from threading import Lock

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.urls import reverse
from prometheus_client import Counter as Counted

from accounts.audit import record
from accounts.models import Role, User
from notifications.services.notify import notify

REFUSALS = frozenset({401, 403, 404, 429})
AT_ONCE = 10
HOUR_SECONDS = 60 * 60
REFUSED = Counted("atlas_refusals", "Answers that refused somebody signed in.", ("status",))
ODD = Counted("atlas_odd_people", "People refused unusually often within an hour.")

log = structlog.get_logger(__name__)
_own: Counter[str] = Counter()
_lock = Lock()


def known_person(request: HttpRequest) -> User | None:
    """Who asked, where that is known already: nothing is read for it."""
    given = vars(request).get("user")  # the API puts the owner of a token there; else it is what reads the session
    found = given if type(given) is User else getattr(request, "_cached_user", None)
    return found if isinstance(found, User) else None


def notice(person: User, status: int) -> None:
    """Nothing; a refusal is counted, and at so many within an hour administrators are told, once."""
    REFUSED.labels(status).inc()
    key = f"refused:{person.pk}:{int(time.time()) // HOUR_SECONDS}"
    with _lock:
        _own[key] += 1
        if _own[key] < AT_ONCE:
            return
        del _own[key]
        for old in [each for each in _own if not each.endswith(key.rpartition(":")[2])]:
            del _own[old]
    try:
        cache.add(key, 0, 2 * HOUR_SECONDS)
        count = cache.incr(key, AT_ONCE)
        limit = settings.ATLASNEXUS_REFUSALS_AN_HOUR
        if count - AT_ONCE < limit <= count:
            _tell(person, count)
    except (DatabaseError, ValueError) as error:  # the answer leaves all the same
        log.warning("refusals_not_counted", reason=str(error))


def _tell(person: User, count: int) -> None:
    ODD.inc()
    with transaction.atomic():
        record(by=None, action="user.refused_often", target=person, after={"refusals": count})
        notify(
            to=User.objects.filter(role=Role.ADMIN).exclude(pk=person.pk),
            kind="refused_often",
            title=f"{person} was refused {count} times within an hour",
            body="They asked for what is not there or not theirs, or a program of theirs went wrong. The audit trail and the log tell what; sessions and tokens can be ended on the account's page.",
            url=reverse("admin:accounts_user_change", args=[person.pk]),
        )
