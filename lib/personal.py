"""What rooms hold of people: given out to whoever it is about, taken away with an account, forgotten with age.

A room says so in its `house.py`, once for each model that names a person; a model of which nothing is said fails
`tests/accounts/test_personal_data.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

# Fields that are given out of every model that has them.
COMMON = (
    *("code", "number", "kind", "name", "title", "file_name", "purpose", "state", "status"),
    *("text", "note", "notes", "reason", "created_at", "updated_at", "made_at", "recipient"),
)

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Holding:
    """Rows of one model that are somebody's: by the fields that name them, or by a value that they have in common."""

    name: str  # of its files
    model: type[Model]
    by: tuple[str, ...]
    where: Mapping[str, str]  # look-up of the model: attribute of the person
    fields: tuple[str, ...]  # what is given out
    goes: bool  # with the account

    def of(self, person: Any) -> QuerySet[Any]:
        """The person's rows."""
        found = Q(pk__in=())
        for name in self.by:
            found |= Q(**{name: person.pk})
        for look_up, attribute in self.where.items():
            found |= Q(**{look_up: getattr(person, attribute)})
        return self.model._base_manager.filter(found).order_by("pk")

    def rows(self, person: Any) -> Iterator[dict[str, Any]]:
        """What is given out of each, with the fields that name the person."""
        for row in self.of(person).values(*self.fields, *self.by).iterator():
            named = [name for name in self.by if row.pop(name) == person.pk]
            yield {**row, "named_in": ", ".join(named)} if named else row


@dataclass(frozen=True, slots=True)
class Ageing:
    """Rows that are forgotten so many days after `since`; where the setting of their kind says 0, never."""

    kind: str  # of settings.ATLASNEXUS_KEPT_DAYS
    model: type[Model]
    since: str
    only: Q
    end: Callable[[Any], object] | None  # what is done with each row, where it is not deleted

    def too_old(self) -> QuerySet[Any]:
        """The rows whose time is over."""
        before = kept_since(self.kind)
        rows = self.model._base_manager.order_by("pk")
        return rows.filter(self.only, **{f"{self.since}__lt": before}) if before else rows.none()

    def forget(self) -> int:
        """How many rows were too old and are forgotten; a thousand in one transaction, so that nobody waits long."""
        count = 0
        while rows := list(self.too_old()[:AT_ONCE]):
            with transaction.atomic():
                if self.end:
                    for row in rows:
                        self.end(row)
                else:
                    self.model._base_manager.filter(pk__in=[row.pk for row in rows]).delete()
            count += len(rows)
        return count


_holdings: dict[str, Holding] = {}
_mentions: dict[type[Model], tuple[str, ...]] = {}
_ageing: dict[str, Ageing] = {}


def hold(
    *models: type[Model],
    by: Collection[str] | None = None,
    where: Mapping[str, str] | None = None,
    also: Collection[str] = (),
    goes: bool = False,
    name: str = "",
) -> None:
    """From now on the models' rows are a person's by these fields: all that name people, unless said otherwise.

    Given out are COMMON fields and `also`; what `goes` is deleted with the account, the rest stays under its new name.
    Files are called after the model, `tables_savedview`, or as `name` says.
    """
    for model in models:
        known = {each.name for each in model._meta.concrete_fields}
        fields = tuple(dict.fromkeys((*(name for name in COMMON if name in known), *also)))
        called = name or model._meta.label_lower.replace(".", "_")
        through = names_of_people(model) if by is None else tuple(by)
        _holdings[called] = Holding(called, model, through, where or {}, fields, goes)


def mention(model: type[Model], *fields: str) -> None:
    """From now on these texts of the model may speak of anybody: the words of an account that ends are replaced there."""
    _mentions[model] = fields


def forget_after(
    kind: str, model: type[Model], since: str, only: Q | None = None, end: Callable[[Any], object] | None = None
) -> None:
    """From now on the model's rows, or `only` some of them, are deleted, or what `end` does, so long after `since`."""
    _ageing[model._meta.label] = Ageing(kind, model, since, only or Q(), end)


def holdings() -> list[Holding]:
    """Every model that holds something of people, by name."""
    return sorted(_holdings.values(), key=lambda each: each.name)


def ageing() -> dict[str, Ageing]:
    """What is forgotten with age, by the model's label."""
    return dict(sorted(_ageing.items()))


def kept_since(kind: str) -> datetime | None:
    """The moment before which personal data of this kind are too old; nothing where they are kept for good."""
    days = settings.ATLASNEXUS_KEPT_DAYS[kind]
    return timezone.now() - timedelta(days=days) if days else None


def mentioned() -> dict[type[Model], tuple[str, ...]]:
    """Every model with texts that may speak of anybody."""
    return dict(_mentions)


def names_of_people(model: type[Model]) -> tuple[str, ...]:
    """The fields of the model's own table that name a person."""
    return tuple(each.name for each in model._meta.local_fields if each.related_model is get_user_model())


def words_pattern(words: Collection[str]) -> re.Pattern[str]:
    """What finds any of the words, whole and in any case: `ann@x.example` is not found in `joann@x.example`."""
    longest_first = sorted(filter(None, words), key=len, reverse=True)
    either = "|".join(re.escape(word) for word in longest_first) or r"(?!)"
    return re.compile(rf"(?<![\w.+-])(?:{either})(?![\w-])", re.IGNORECASE)


def replaced(value: Any, pattern: re.Pattern[str], by: Any) -> Any:
    """The same JSON with each word that the pattern finds replaced, keys too; `by` is as `re.sub` takes it."""
    if isinstance(value, str):
        return pattern.sub(by, value)
    if isinstance(value, Mapping):
        return {replaced(key, pattern, by): replaced(each, pattern, by) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [replaced(each, pattern, by) for each in value]
    return value


def replace_mentions(words: Collection[str], by: str) -> int:
    """How many rows spoke of the person by one of the words, and have `by` in its place now."""
    pattern = words_pattern(words)
    return sum(_replace_in(model, fields, words, pattern, by) for model, fields in _mentions.items())


def _replace_in(
    model: type[Model], fields: tuple[str, ...], words: Collection[str], pattern: re.Pattern[str], by: str
) -> int:
    found = model._base_manager.annotate(**{f"{name}_text": Cast(name, TextField()) for name in fields})
    speaks = Q(pk__in=())
    for word in filter(None, words):
        for written in {word, json.dumps(word)[1:-1]}:  # JSON escapes what is not ASCII
            for name in fields:
                speaks |= Q(**{f"{name}_text__icontains": written})
    count = 0
    for row in list(found.filter(speaks).only("pk", *fields)):
        values = {name: replaced(getattr(row, name), pattern, by) for name in fields}
        changed = {name: value for name, value in values.items() if value != getattr(row, name)}
        count += model._base_manager.filter(pk=row.pk).update(**changed) if changed else 0
    return count
