"""What can be found by a word from anywhere: each room says how its things are found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

MOST_FOUND = 8
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Found:
    """One thing, and where it is seen."""

    title: str
    address: str
    note: str = ""


Finder = Callable[[Any, str], Iterable[Found]]
_finders: dict[str, tuple[int, Finder]] = {}


def find_by(title: str, finder: Finder, order: int) -> None:
    """From now on a search asks `finder` in the name of who searches; its finds stand under the title."""
    _finders[title] = (order, finder)


def find(person: Any, text: str) -> list[tuple[str, list[Found]]]:
    """What this person may see of what fits the words, by room; nothing for less than two letters."""
    words = " ".join(text.split())
    if len(words) < SHORTEST:
        return []
    asked = sorted(_finders.items(), key=lambda each: each[1][0])
    found = [(title, list(islice(finder(person, words), MOST_FOUND))) for title, (_, finder) in asked]
    return [(title, lines) for title, lines in found if lines]
