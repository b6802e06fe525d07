"""Remedies: each value proposed passes, the next smaller move does not, and no grid point passes for less."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest

from engine.permutations import AXES, Case, LeverSet, evaluate, evaluate_permutation
from engine.permutations.remedies import NAMED, SEARCHED, WORD_STEPS, PairRemedy, Remedies, find_remedies
from engine.ratings import notch_of
from tests.engine.deals import LIGHT_GRID, NO_CAPS, deal

STRUCTURE: dict[str, list[Any]] = {
    "senior_tenor_years": [18], "senior_amortisation": ["annuity"], "senior_coupon_rate": [0.05], "senior_dscr": [1.20],
    "mezz_dscr": [1.10], "mezz_coupon_rate": [0.08],
}  # fmt: skip


def structure(**levers: Any) -> Case:
    """A cost at which cover and value decide, not the caps on the debt."""
    rules = {**NO_CAPS, "general.capex_coverage_min_ratio": 0.5}
    project = {"capex.internal.lines": {"build": 520e6}}
    return deal({**STRUCTURE, **{code: [value] for code, value in levers.items()}}, project, LIGHT_GRID, rules)


def reaches(case: Case, target: str, **moved: Any) -> bool:
    """Evaluated anew, one permutation at a time, without the search's machinery."""
    axes = {name: [value] for name, value in case.levers.levers_at(0).items()} | {k: [v] for k, v in moved.items()}
    columns = evaluate(replace(case, levers=LeverSet.from_dict({"axes": axes})), np.zeros(1, dtype=np.int64)).columns
    return bool(columns["gate"][0] == 2 and columns["rating_notch"][0] <= notch_of(target))


CASES = [
    (structure(), "A"),
    (structure(), "AA"),
    (structure(senior_dscr=1.12), "BBB"),
    (structure(senior_tenor_years=19), "BBB"),
    (structure(mezz_dscr=1.25), "BBB"),
    (structure(mezz_coupon_rate=0.05), "BBB"),
    (structure(senior_coupon_rate=0.04), "BBB"),
]


@pytest.mark.parametrize(("case", "target"), CASES)
def test_each_remedy_passes_and_a_smaller_move_does_not(case: Case, target: str):
    found = find_remedies(case.deal_of(0), target)
    assert not reaches(case, target)
    assert found.singles or found.pair
    for remedy in found.singles:
        assert reaches(case, target, **{remedy.lever: remedy.proposed})
        assert remedy.cures
        if remedy.lever in NAMED or remedy.current is None:
            continue
        short = np.sign(float(remedy.proposed) - float(remedy.current)) * 2.0 * SEARCHED[remedy.lever].tolerance
        if remedy.lever == "senior_tenor_years":
            short /= 2.0
        nearer = float(remedy.proposed) - short
        if nearer != remedy.current:
            assert not reaches(case, target, **{remedy.lever: nearer})


@pytest.mark.parametrize(("case", "target"), CASES)
def test_no_move_on_a_grid_is_smaller_than_the_one_found(case: Case, target: str):
    """Brute force: every value of an even grid, one lever at a time, each evaluated alone."""
    found = {remedy.lever: remedy for remedy in find_remedies(case.deal_of(0), target).singles}
    for code in ("senior_dscr", "senior_coupon_rate", "senior_tenor_years", "mezz_dscr", "mezz_coupon_rate"):
        spec, now = AXES[code], float(case.levers.levers_at(0)[code])
        step = 1.0 if code == "senior_tenor_years" else float(spec.step or 0.0) / 2.0
        low, high = float(spec.minimum or 0.0), float(spec.maximum or 0.0)
        grid = [low + step * k for k in range(int((high - low) / step) + 1)]
        moves = [abs(value - now) for value in grid if reaches(case, target, **{code: value})]
        if not moves:
            assert code not in found or abs(float(found[code].proposed) - now) % step
            continue
        assert abs(float(found[code].proposed) - now) <= min(moves) + 1e-9


def brute_pair(case: Case, target: str, levers: tuple[str, ...], bound: float, per_step: int) -> float:
    """Cheapest cost in steps of any two of the levers moved together, by trying all points of a grid below `bound`."""
    current = case.levers.levers_at(0)
    offsets = [k / per_step for k in range(-int(bound * per_step), int(bound * per_step) + 1) if k]
    best = np.inf
    for a, b in combinations(levers, 2):
        for x, y in product(offsets, offsets):
            if abs(x) + abs(y) >= min(best, bound):
                continue
            moved = {c: float(current[c]) + d * float(AXES[c].step or 0) for c, d in ((a, x), (b, y))}
            if any(not float(AXES[c].minimum or 0) <= v <= float(AXES[c].maximum or 0) for c, v in moved.items()):
                continue
            if reaches(case, target, **moved):
                best = abs(x) + abs(y)
    return best


def pair_of(found: Remedies) -> PairRemedy:
    assert found.pair is not None
    return found.pair


def test_the_cheapest_pair_passes_and_neither_part_does_alone():
    case = structure(mezz_dscr=1.22, mezz_coupon_rate=0.045)
    found = find_remedies(case.deal_of(0), "BBB")
    assert found.singles == ()
    pair = pair_of(found)
    assert reaches(case, "BBB", **{part.lever: part.proposed for part in pair.parts})
    for part in pair.parts:
        assert not reaches(case, "BBB", **{part.lever: part.proposed})
    assert pair.cost_steps == pytest.approx(sum(part.move_steps for part in pair.parts))


@pytest.mark.parametrize(
    ("case", "target"),
    [(structure(mezz_dscr=1.22, mezz_coupon_rate=0.045), "BBB"), (structure(senior_tenor_years=19), "A")],
)
def test_no_pair_on_a_grid_is_cheaper(case: Case, target: str):
    pair = find_remedies(case.deal_of(0), target).pair
    singles = [r.move_steps for r in find_remedies(case.deal_of(0), target).singles if r.lever in SEARCHED]
    bound = pair.cost_steps if pair else min(singles)
    levers = ("senior_dscr", "senior_coupon_rate", "mezz_dscr", "mezz_coupon_rate")
    # The grid's own points lie up to a step of it away from the limit.
    assert brute_pair(case, target, levers, min(bound, 4.0), per_step=2) >= min(bound, 4.0) - 1e-9


def test_nothing_to_cure_where_the_target_is_met():
    assert find_remedies(structure(senior_tenor_years=18).deal_of(0), "BBB") == Remedies()


def test_a_remedy_says_what_failed():
    case = structure(senior_tenor_years=19)
    tenor = next(r for r in find_remedies(case.deal_of(0), "BBB").singles if r.lever == "senior_tenor_years")
    assert (tenor.proposed, tenor.move_steps) == (18, 1.0)
    assert "Tenor" in tenor.cures[0]


def test_a_changed_word_counts_its_stated_steps():
    """Interest only is not allowed at AA: another profile cures it, at the stated cost of a word."""
    case = deal({**STRUCTURE, "senior_amortisation": ["interest_only"], "senior_dscr": [2.6]},
                project={"capex.internal.lines.build": 100e6, "lease.term_years": 30})  # fmt: skip
    singles = find_remedies(case.deal_of(0), "AA").singles
    words = [remedy for remedy in singles if remedy.lever == "senior_amortisation"]
    assert [remedy.move_steps for remedy in words] == [WORD_STEPS]
    assert "Amortisation" in words[0].cures


def test_the_detail_carries_both():
    detail = evaluate_permutation(structure(mezz_dscr=1.22, mezz_coupon_rate=0.045), 0)
    assert detail.remedy_target == "BBB"
    assert detail.pair_remedy is not None
    assert {part.lever for part in detail.pair_remedy.parts} <= set(SEARCHED) | set(NAMED)
