"""Places that a lower room leaves open and upper rooms fill: fragments of its pages, and values it asks for.

A slot is named `room.place`. Whoever fills it says so once, in its app's `ready`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Context = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A template for a slot; `context` adds to the page's own, or returns None where there is nothing to show."""

    template: str
    context: Context | None = None
    order: int = 100


_fragments: dict[str, list[Fragment]] = {}
_answers: dict[str, list[Callable[..., Any]]] = {}


def fill(slot: str, template: str, context: Context | None = None, order: int = 100) -> None:
    """From now on the slot shows the template too; lower orders come first."""
    found = [each for each in _fragments.get(slot, []) if each.template != template]
    _fragments[slot] = sorted([*found, Fragment(template, context, order)], key=lambda each: each.order)


def fragments(slot: str) -> tuple[Fragment, ...]:
    """What fills the slot, in order."""
    return tuple(_fragments.get(slot, ()))


def answer(question: str, by: Callable[..., Any]) -> None:
    """From now on `by` is asked too wherever a lower room asks the question."""
    known = _answers.setdefault(question, [])
    if by not in known:
        known.append(by)


def answers(question: str, *given: Any) -> Iterator[Any]:
    """What each room that has something to say answers."""
    yield from (by(*given) for by in _answers.get(question, ()))


def filled() -> frozenset[str]:
    """Every slot and question that some room fills."""
    return frozenset(_fragments) | frozenset(_answers)
