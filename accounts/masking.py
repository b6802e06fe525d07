"""What is shown of people whose account was erased: the trail keeps who they were, for its hashes cover it; nobody is told.
Nor is anybody told from where somebody came long ago.

Which words told it is known from the trail alone, so that nothing else need keep them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import AuditEntry, User
from lib.personal import kept_since, replaced, words_pattern

# Of entries about an account: what they say of the person.
TELLING = ("email", "full_name", "organisation", "reason")
NOBODY = words_pattern(())
Erased = tuple[int, UUID, str]


@dataclass(frozen=True)
class Mask:
    """The names that erased accounts have now: by row, by code, and by each word that told who somebody was."""

    by_row: Mapping[int, str] = field(default_factory=dict)
    by_code: Mapping[UUID, str] = field(default_factory=dict)
    by_word: Mapping[str, str] = field(default_factory=dict)
    pattern: re.Pattern[str] = NOBODY
    since: datetime | None = None  # addresses and browsers of before are not shown

    def __call__(self, entry: AuditEntry) -> AuditEntry:
        """The entry, without what told who somebody was."""
        was = (entry.actor_label, entry.before, entry.after, entry.address, entry.agent)
        about = self.by_code.get(entry.target_code) if entry.target_code else None
        actor = self.by_row.get(entry.actor_id) if entry.actor_id else None
        entry.actor_label = actor or entry.actor_label
        entry.before, entry.after = self._values(entry.before, about), self._values(entry.after, about)
        # Who tries to sign in is nobody yet.
        if actor or (about and entry.actor_id is None) or (self.since and entry.at < self.since):
            entry.address, entry.agent = None, ""
        entry.is_masked = was != (entry.actor_label, entry.before, entry.after, entry.address, entry.agent)
        return entry

    def hides(self, text: str) -> bool:
        """True of a text that holds one of the words: who looks for it looks for the person."""
        return self.pattern.search(text) is not None

    def _values(self, values: Any, about: str | None) -> Any:
        if about and isinstance(values, Mapping):
            values = {name: about if name in TELLING and value else value for name, value in values.items()}
        return replaced(values, self.pattern, self._present)

    def _present(self, found: re.Match[str]) -> str:
        return self.by_word[found[0].lower()]


def present_mask() -> Mask:
    """The mask of the accounts that are erased by now."""
    erased = User.objects.filter(erased_at__isnull=False).order_by("pk").values_list("pk", "code", "full_name")
    known = _mask_of(tuple(erased))
    return replace(_without_namesakes(known) if known.by_word else known, since=kept_since("AUDIT_ADDRESS"))


def who(entry: AuditEntry) -> str:
    """Who did what the entry tells of, as it may be shown."""
    return present_mask().by_row.get(entry.actor_id or 0, entry.actor_label)


@lru_cache(maxsize=4)
def _mask_of(erased: tuple[Erased, ...]) -> Mask:
    # An erased account does nothing more and is not changed, so that no word is added to those of the trail.
    by_word = {word.lower(): name for pk, code, name in erased for word in _words_of(pk, code) if word != name}
    return _mask({pk: name for pk, _, name in erased}, {code: name for _, code, name in erased}, by_word)


def _without_namesakes(known: Mask) -> Mask:
    """The mask, without words by which somebody else is known: an e-mail registered anew, a name that two people have."""
    emails, names = Lower("email"), Lower("full_name")
    living = User.objects.filter(erased_at=None).annotate(lower_email=emails, lower_name=names)
    taken = living.filter(Q(lower_email__in=known.by_word) | Q(lower_name__in=known.by_word))
    in_use = {word for pair in taken.values_list("lower_email", "lower_name") for word in pair}
    if in_use.isdisjoint(known.by_word):
        return known
    by_word = {word: name for word, name in known.by_word.items() if word not in in_use}
    return _mask(known.by_row, known.by_code, by_word)


def _mask(by_row: Mapping[int, str], by_code: Mapping[UUID, str], by_word: Mapping[str, str]) -> Mask:
    return Mask(by_row, by_code, by_word, words_pattern(by_word))


def _words_of(pk: int, code: UUID) -> set[str]:
    """Every e-mail and name that the trail has of the person."""
    labels = AuditEntry.objects.filter(actor=pk).order_by().values_list("actor_label", flat=True).distinct()
    words = {str(label) for label in labels}
    told = AuditEntry.objects.filter(target_code=code, target_type=User._meta.label).order_by()
    for pair in told.values_list("before", "after"):
        for values in pair:
            words |= {str(values[name]) for name in ("email", "full_name") if values and values.get(name)}
    return words
