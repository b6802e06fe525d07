"""Who could belong to whom: connected candidates, and parts that add up to a whole."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

N = TypeVar("N", bound=Hashable)
# Beyond so many steps a person decides: sums of subsets grow without bound.
MOST_STEPS = 50_000


def components(edges: Iterable[tuple[N, N]]) -> list[tuple[list[N], list[N]]]:
    """The connected parts of a graph of candidates: names of the left, names of the right, in order of appearance."""
    right_of: dict[N, list[N]] = {}
    left_of: dict[N, list[N]] = {}
    for one, other in edges:
        right_of.setdefault(one, []).append(other)
        left_of.setdefault(other, []).append(one)
    found, seen = [], set[N]()
    for start in right_of:
        if start not in seen:
            found.append(_component(start, right_of, left_of))
            seen.update(found[-1][0])
    return found


def _component(start: N, right_of: dict[N, list[N]], left_of: dict[N, list[N]]) -> tuple[list[N], list[N]]:
    left, right, waiting = {start: None}, dict[N, None](), [start]
    while waiting:
        for other in right_of[waiting.pop()]:
            right[other] = None
            more = [one for one in left_of[other] if one not in left]
            left.update(dict.fromkeys(more))
            waiting += more
    return list(left), list(right)


@dataclass(slots=True)
class Split:
    """How parts make wholes: `parts_of` by whole; not `is_certain` where another split would do as well."""

    parts_of: dict[int, tuple[int, ...]] = field(default_factory=dict)
    is_certain: bool = True
    note: str = ""


class _TooManySteps(Exception):
    """Nobody can say within reason."""


def split(
    wholes: Sequence[Decimal],
    parts: Sequence[Decimal],
    fits: Callable[[int, tuple[int, ...]], bool],
    tolerance: Decimal = Decimal(0),
) -> Split:
    """The one way in which parts add up to those wholes that parts can add up to at all.

    `fits` says whether parts, by number, also agree otherwise (an average price). Not certain where several ways fit,
    or none for all of them together: then `parts_of` names every part that came into question.
    """
    steps = _Steps()
    try:
        options = [
            [p for p in _subsets(whole, parts, tolerance, steps) if fits(n, p)] for n, whole in enumerate(wholes)
        ]
        possible = [n for n, found in enumerate(options) if found]
        ways = list(_ways(possible, options, frozenset(), steps, 2))
    except _TooManySteps:
        everything = dict.fromkeys(range(len(wholes)), tuple(range(len(parts))))
        return Split(everything, is_certain=False, note="more sums than can be tried: a person decides")
    if len(ways) == 1:
        return Split(dict(zip(possible, ways[0], strict=True)))
    in_question = {n: tuple(sorted({part for option in options[n] for part in option})) for n in possible}
    return Split(in_question, is_certain=False, note="more than one split fits: a person decides")


@dataclass(slots=True)
class _Steps:
    taken: int = 0

    def take(self) -> None:
        self.taken += 1
        if self.taken > MOST_STEPS:
            raise _TooManySteps


def _subsets(whole: Decimal, parts: Sequence[Decimal], tolerance: Decimal, steps: _Steps) -> Iterator[tuple[int, ...]]:
    """Every non-empty set of parts that adds up, by their numbers."""
    # What the parts from here on can add at most, up and down.
    rises = [sum((max(p, Decimal(0)) for p in parts[n:]), Decimal(0)) for n in range(len(parts) + 1)]
    falls = [sum((min(p, Decimal(0)) for p in parts[n:]), Decimal(0)) for n in range(len(parts) + 1)]

    def walk(start: int, left: Decimal, chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        steps.take()
        if chosen and abs(left) <= tolerance:
            yield chosen
        for number in range(start, len(parts)):
            if not falls[number] - tolerance <= left <= rises[number] + tolerance:
                return
            yield from walk(number + 1, left - parts[number], (*chosen, number))

    return walk(0, whole, ())


def _ways(
    open_: Sequence[int], options: Sequence[list[tuple[int, ...]]], used: frozenset[int], steps: _Steps, most: int
) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Up to `most` ways to give every open whole parts of its own."""
    if not open_:
        yield ()
        return
    found = 0
    for option in options[open_[0]]:
        steps.take()
        if used.isdisjoint(option):
            for rest in _ways(open_[1:], options, used | set(option), steps, most - found):
                yield (option, *rest)
                found += 1
                if found >= most:
                    return
