"""The lines of the main navigation: each room adds its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `section` is what pages say they belong to, `page` the URL's name."""

    section: str
    title: str
    page: str
    order: int
    query: str = ""
    is_for: Callable[[Any], bool] = bool  # asked of the person who looks

    @property
    def address(self) -> str:
        """Where it leads."""
        return reverse(self.page) + self.query


_entries: dict[str, Entry] = {}


def add(entry: Entry) -> None:
    """From now on the navigation has the line."""
    _entries[entry.section] = entry


def entries_for(person: Any) -> list[Entry]:
    """The lines this person sees, in order."""
    return [entry for entry in sorted(_entries.values(), key=lambda each: each.order) if entry.is_for(person)]
