"""From points to better ones: differential evolution over all levers, then steps to the best neighbour."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from engine.permutations.search.bench import Bench, Listed, Positions
from engine.permutations.search.goal import Goal

Floats = NDArray[np.float64]

POINTS_A_LEVER, LEAST_POPULATION, MOST_POPULATION = 10, 40, 120
# How many points of different kinds are moved on.
KINDS_MOVED = 3
_STRIDES = 8


def generations(bench: Bench, effort: int) -> int:
    """How many times the population is renewed for so many evaluations."""
    return max(1, effort // _population(bench))


def evolve(bench: Bench, goal: Goal, seed: int, rounds: int, each: Callable[[], None]) -> None:
    """Nothing; the bench knows all that differential evolution looked at, `each` is called after every round."""
    from scipy.optimize import differential_evolution

    moved = np.flatnonzero(bench.lengths > 1)
    first = _first_generation(bench, goal, seed)
    if not moved.size:
        bench.evaluate(first[:1])
        return

    def merits(x: Floats) -> Floats:
        points = np.zeros((x.shape[1], bench.lengths.size), dtype=np.int64)
        points[:, moved] = np.rint(x.T).astype(np.int64)
        return goal.merits(bench.evaluate(points))

    differential_evolution(
        merits,
        [(0.0, float(length - 1)) for length in bench.lengths[moved]],
        init=first[:, moved].astype(np.float64),
        integrality=np.ones(moved.size, dtype=bool),
        maxiter=rounds,
        rng=np.random.default_rng(seed),
        callback=lambda intermediate_result: each(),
        polish=False,
        tol=0.0,
        updating="deferred",
        vectorized=True,
    )


def move_on(bench: Bench, goal: Goal) -> None:
    """Nothing; from the best known of each kind the best neighbour is taken, in ever smaller strides, until none is better."""
    for start in bench.best_apart(goal, KINDS_MOVED):
        _walk(bench, goal, start)


def _population(bench: Bench) -> int:
    return min(max(POINTS_A_LEVER * len(bench.lists), LEAST_POPULATION), MOST_POPULATION)


def _first_generation(bench: Bench, goal: Goal, seed: int) -> Positions:
    """The best known, a third of it at most, among points drawn evenly."""
    size = _population(bench)
    drawn = np.random.default_rng(seed).integers(0, bench.lengths, (size, bench.lengths.size))
    known = bench.best_apart(goal, size // 3)
    return np.concatenate([known, drawn[: size - len(known)]])


def _walk(bench: Bench, goal: Goal, start: Positions) -> None:
    point, merit = start, float(goal.merits(bench.evaluate(start[None, :]))[0])
    stride = np.maximum(bench.lengths // _STRIDES, 1)
    while True:
        near = _neighbours(bench, point, stride)
        merits = goal.merits(bench.evaluate(near)) if len(near) else np.array([np.inf])
        if merits.min() < merit:
            point, merit = near[int(np.argmin(merits))], float(merits.min())
        elif stride.max() > 1:
            stride = np.maximum(stride // 2, 1)
        else:
            return


def _neighbours(bench: Bench, point: Positions, stride: Positions) -> Positions:
    """Points one stride away on one lever, or on two at once; of words, every other one."""
    moves = [list(_places(each, int(point[n]), int(stride[n]))) for n, each in enumerate(bench.lists)]
    found = [_moved(point, {n: place}) for n, places in enumerate(moves) for place in places]
    for first, second in combinations(range(len(moves)), 2):
        found += [_moved(point, {first: a, second: b}) for a, b in product(moves[first], moves[second])]
    return np.array(found, dtype=np.int64).reshape(-1, point.size)


def _places(each: Listed, at: int, stride: int) -> Iterator[int]:
    last = len(each.values) - 1
    if each.is_named:
        yield from (place for place in range(last + 1) if place != at)
    else:
        yield from sorted({max(at - stride, 0), min(at + stride, last)} - {at})


def _moved(point: Positions, places: Mapping[int, int]) -> Positions:
    there = point.copy()
    for n, place in places.items():
        there[n] = place
    return there
