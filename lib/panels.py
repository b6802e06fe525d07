"""A start page is a few panels of a few lines, newest first; each line leads to where it is dealt with."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

LINES_SHOWN = 5

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Deed:
    """What can be done with a line in place: a form that posts `fields` to `address`; `asked` is asked before."""

    words: str
    address: str
    fields: Mapping[str, str]
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to see or do."""

    title: str
    address: str
    note: str = ""
    badge: str = ""  # the style, and with `badge_text` the words
    badge_text: str = ""
    at: datetime | None = None
    deed: Deed | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines under one heading; `count` is how many there are in all, `empty` what is said where there are none."""

    title: str
    lines: tuple[Line, ...]
    empty: str
    count: int = 0
    more_text: str = ""
    more_address: str = ""
    is_urgent: bool = False

    @property
    def waits(self) -> bool:
        """True where somebody should look."""
        return self.is_urgent and bool(self.lines)


Provider = Callable[[Any], Panel]
_providers: dict[str, dict[Provider, int]] = {}


def show(provider: Provider, to: Collection[str], order: int) -> None:
    """From now on people of these roles find the panel on their start page; lower orders come first."""
    for role in to:
        _providers.setdefault(str(role), {})[provider] = order


def panels_of(person: Any) -> list[Panel]:
    """The panels of this person's start page: what waits for them, then what is new."""
    found = _providers.get(str(person.role), {})
    return [provider(person) for provider in sorted(found, key=lambda each: found[each])]


def first_rows(found: QuerySet[Row]) -> tuple[list[Row], int]:
    """The first rows, and how many there are in all: asked only where there are more."""
    rows = list(found[: LINES_SHOWN + 1])
    return rows[:LINES_SHOWN], found.count() if len(rows) > LINES_SHOWN else len(rows)
