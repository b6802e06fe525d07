"""Finding entries: by who, what, to what, when, and by text in what was before and after."""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.audit import in_words
from accounts.audit_pages.targets import type_words
from accounts.masking import present_mask
from accounts.models import AuditEntry
from accounts.sealing import decrypt, encrypt

PAGE_SIZE = 50
LONGEST_TERM = 200
LARGEST_SEQUENCE = 2**63 - 1


SEALED, PERSONAL = "sealed", ("who", "text")


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for, as typed; empty terms ask nothing."""

    who: str = ""
    action: str = ""
    target_type: str = ""
    target: str = ""
    request: str = ""
    text: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def from_params(cls, params: Any) -> "Search":
        """The search of an address or a form; what is too long or holds null characters is cut."""
        read = {each.name: str(params.get(each.name, "")) for each in fields(cls)}
        read |= {name: value for name, value in _unsealed(params.get(SEALED, "")).items() if not read[name]}
        return cls(**{name: value.replace("\x00", "").strip()[:LONGEST_TERM] for name, value in read.items()})

    @property
    def query(self) -> str:
        """The search as part of an address; what may name somebody is sealed, for addresses are kept by browsers and proxies."""
        given = {name: value for name, value in asdict(self).items() if value}
        named = {name: given.pop(name) for name in PERSONAL if name in given}
        return urlencode({**given, **({SEALED: encrypt(json.dumps(named))} if named else {})})

    @property
    def problems(self) -> list[str]:
        """What of it could not be read, in sentences."""
        found = [
            f"{label}: expected a date such as 2026-03-01, got {value}."
            for label, value in (("From", self.since), ("Until", self.until))
            if value and _day(value) is None
        ]
        if self.target and _code(self.target) is None:
            found.append(f"Thing: expected a code such as those in addresses, got {self.target}.")
        return found


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Some entries, newest first, and where the ones before and after them begin."""

    entries: list[AuditEntry]
    newer_than: int | None
    older_than: int | None


def find(search: Search) -> QuerySet[AuditEntry]:
    """The entries asked for, newest first; none where a term cannot be read."""
    if search.problems:
        return AuditEntry.shown.none()
    exact = {"action": search.action, "target_type": search.target_type, "request_id": search.request}
    found = AuditEntry.shown.filter(**{name: value for name, value in exact.items() if value})
    if search.target:
        found = found.filter(target_code=_code(search.target))
    if search.who:
        found = found.filter(_by(search.who))
    if since := _day(search.since):
        found = found.filter(at__gte=_midnight(since))
    if until := _day(search.until):
        found = found.filter(at__lt=_midnight(until) + timedelta(days=1))
    return _with_text(found, search.text).order_by("-sequence")


def page_of(search: Search, *, older_than: str = "", newer_than: str = "") -> FoundPage:
    """The page that begins below one entry, or ends above another; without either, the newest."""
    return _page_of(find(search), older_than, newer_than)


def page_about(codes: Collection[UUID], *, older_than: str = "") -> FoundPage:
    """The same of entries about any of these things."""
    return _page_of(AuditEntry.shown.filter(target_code__in=codes), older_than)


def _page_of(found: QuerySet[AuditEntry], older_than: str, newer_than: str = "") -> FoundPage:
    if above := _sequence(newer_than):
        rows = list(found.filter(sequence__gt=above).order_by("sequence")[: PAGE_SIZE + 1])
        has_newer, entries = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE][::-1]
        return _page(entries, has_newer=has_newer, has_older=True)
    below = _sequence(older_than)
    rows = list((found.filter(sequence__lt=below) if below else found)[: PAGE_SIZE + 1])
    return _page(rows[:PAGE_SIZE], has_newer=bool(below), has_older=len(rows) > PAGE_SIZE)


def known_actions() -> list[tuple[str, str]]:
    """Every action that an entry tells of, with its words, in their order."""
    known = AuditEntry.shown.order_by("action").values_list("action", flat=True).distinct()
    return sorted(((action, in_words(action)) for action in known), key=itemgetter(1))


def known_targets() -> list[tuple[str, str]]:
    """Every kind of record that an entry tells of, with its words, in their order."""
    found = AuditEntry.shown.exclude(target_type="").order_by("target_type")
    known = found.values_list("target_type", flat=True).distinct()
    return sorted(((label, type_words(label)) for label in known), key=itemgetter(1))


def _page(entries: list[AuditEntry], *, has_newer: bool, has_older: bool) -> FoundPage:
    if not entries:
        return FoundPage([], None, None)
    return FoundPage(entries, entries[0].sequence if has_newer else None, entries[-1].sequence if has_older else None)


def _by(words: str) -> Q:
    """Whom the words name: an erased account by its present name only."""
    return Q(actor_label__icontains=words, actor__erased_at=None) | Q(
        actor__full_name__icontains=words, actor__erased_at__isnull=False
    )


def _with_text(found: QuerySet[AuditEntry], text: str) -> QuerySet[AuditEntry]:
    if not text:
        return found
    if present_mask().hides(text):
        return found.none()
    written = found.alias(was=Cast("before", TextField()), became=Cast("after", TextField()))
    return written.filter(Q(was__icontains=text) | Q(became__icontains=text))


def _unsealed(text: str) -> dict[str, str]:
    """The terms that an address of ours holds sealed; none where it is not one."""
    if not text:
        return {}
    try:
        told = json.loads(decrypt(text))
    except (InvalidToken, ValueError):
        return {}
    return {name: str(told[name]) for name in PERSONAL if name in told}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _code(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _sequence(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return min(int(text), LARGEST_SEQUENCE) if is_number else None
