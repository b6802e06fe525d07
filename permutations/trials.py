"""A version of the rules tried on a past run: the same permutations judged under the run's rules and under the new.

A run of up to WHOLE permutations is judged whole; of a larger one its best 1,000 and a uniform sample, drawn by a fixed
seed. Both sides are evaluated anew by this engine, so that what differs comes from the rules alone. Tiers are shares of
what was ranked: of a sample they are the sample's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.deal.collateral import assess_collateral
from engine.deal.reasons import NOT_COMPUTED, PASSED_BOTH, is_alive
from engine.errors import EngineError
from engine.permutations import GATES, RANK_COLUMNS, TIERS, Case, Ranking, evaluate, rank
from engine.ratings import NOT_RATED, rating_label
from engine.ratings.repo import RepoAssessment
from jobs.registry import Answer
from jobs.work import Held
from lib.canonical import canonical_hash
from permutations.impact import FIGURES
from permutations.models import RuleSetTrial, TopResult
from permutations.summary import plain
from permutations.translate import RunCase, run_case
from ratings.collateral import collateral_rules

WHOLE = 50_000
SAMPLE = 20_000
SEED = 20_250_101
SLICE = 4_096
NO_STRUCTURE = "No structure"
ABSENT = "absent"
# Each is a structure built anew on both sides.
MOST_COLLATERAL = 50
COLUMNS = tuple(dict.fromkeys([*RANK_COLUMNS, "rating_notch", "reason"]))

Columns = dict[str, NDArray[Any]]


def try_rules(trial: RuleSetTrial, held: Held) -> Answer:
    """What would change for the trial's run, JSON-able; the draft must still be the one that was to be tried."""
    if canonical_hash(trial.rule_set.content) != trial.content_hash:
        raise EngineError("The draft was edited after the trial was asked for: try it again.")
    found = run_case(trial.run)
    old_case = found.case
    new_case = replace(old_case, rules=trial.rule_set.terms())
    uniform, is_whole = visited(found)
    top = np.array(
        TopResult.objects.filter(run=trial.run).order_by("rank").values_list("permutation_index", flat=True),
        dtype=np.int64,
    )
    every = np.union1d(uniform, top)
    old, new = (_evaluated(case, every, held) for case in (old_case, new_case))
    return {
        "is_whole": is_whole,
        "evaluated": found.count,
        **_compared(old_case, _at(old, every, uniform), _at(new, every, uniform)),
        "collateral": _collateral(trial, (old_case, new_case), top[:MOST_COLLATERAL].tolist()),
        "top": _changed(_at(old, every, top), _at(new, every, top)),
        "best": {"before": _best(old_case, old), "after": _best(new_case, new)},
    }


def _collateral(trial: RuleSetTrial, cases: tuple[Case, Case], indices: list[int]) -> dict[str, Any]:
    """Each facility's verdicts on the run's best structures before and after, without what was shown of them."""
    contents = (trial.run.rule_set.content, trial.rule_set.content)
    sides = [
        [
            {each.facility: each for each in assess_collateral(collateral_rules(content), case.deal_of(index))}
            for index in indices
        ]
        for content, case in zip(contents, cases, strict=True)
    ]
    names = {code: f"{each.bank}, {each.name}" for side in sides for found in side for code, each in found.items()}
    verdicts = {code: [[_verdict(found.get(code)) for found in side] for side in sides] for code in names}
    return {
        "compared": len(indices),
        "changed": sum(any(old[n] != new[n] for old, new in verdicts.values()) for n in range(len(indices))),
        "facilities": [
            {
                "name": names[code],
                "before": Counter(old),
                "after": Counter(new),
                "changed": sum(a != b for a, b in zip(old, new, strict=True)),
            }
            for code, (old, new) in verdicts.items()
        ],
    }


def _verdict(found: RepoAssessment | None) -> str:
    return str(found.verdict) if found else ABSENT


def visited(found: RunCase) -> tuple[NDArray[np.int64], bool]:
    """The permutations to judge, rising, and whether they are all that the run evaluated."""
    if found.count <= WHOLE:
        return found.indices(0, found.count), True
    places = np.sort(np.random.default_rng(SEED).choice(found.count, SAMPLE, replace=False)).astype(np.int64)
    return (found.visits[places] if found.visits is not None else places), False


def _evaluated(case: Case, index: NDArray[np.int64], held: Held) -> Columns:
    parts = []
    for start in range(0, index.size, SLICE):
        columns = evaluate(case, index[start : start + SLICE]).columns
        parts.append({name: columns[name] for name in COLUMNS})
        held.report()
    return {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}


def _at(columns: Columns, index: NDArray[np.int64], wanted: NDArray[np.int64]) -> Columns:
    rows = np.searchsorted(index, wanted)
    return {name: values[rows] for name, values in columns.items()}


def _compared(case: Case, old: Columns, new: Columns) -> dict[str, Any]:
    old_tier, new_tier = (_tiers(case, columns) for columns in (old, new))
    return {
        **_changed(old, new),
        "changed_tier": int(np.count_nonzero(old_tier != new_tier)),
        "gates": _matrix([GATES[g] for g in sorted(GATES, reverse=True)], _words(old["gate"], GATES), _words(new["gate"], GATES)),
        "ratings": _matrix(_rating_labels(old, new), _ratings(old), _ratings(new)),
        "tiers": _matrix([TIERS[t] for t in sorted(TIERS, reverse=True)], _words(old_tier, TIERS), _words(new_tier, TIERS)),
    }  # fmt: skip


def _changed(old: Columns, new: Columns) -> dict[str, int]:
    return {
        "compared": int(old["index"].size),
        "changed_rating": int(np.count_nonzero(old["rating_notch"] != new["rating_notch"])),
        "changed_gate": int(np.count_nonzero(old["gate"] != new["gate"])),
        "passed_before": int(np.count_nonzero(old["gate"] == PASSED_BOTH)),
        "passed_after": int(np.count_nonzero(new["gate"] == PASSED_BOTH)),
    }


def _ranked(case: Case, columns: Columns) -> Ranking:
    alive = is_alive(columns["gate"], columns["near_miss"])
    rows = {name: columns[name][alive] for name in RANK_COLUMNS}
    return rank(rows, case.terms, int(columns["index"].size))


def _tiers(case: Case, columns: Columns) -> NDArray[np.int8]:
    """The tier of each row among these rows; not viable for those that are not ranked."""
    ranking = _ranked(case, columns)
    tiers = np.zeros(columns["index"].size, dtype=np.int8)
    tiers[np.searchsorted(columns["index"], ranking.index)] = ranking.tier
    return tiers


def _best(case: Case, columns: Columns) -> dict[str, Any] | None:
    ranking = _ranked(case, columns)
    first = np.flatnonzero(ranking.rank == 1)
    if not first.size:
        return None
    index = int(ranking.index[first[0]])
    row = int(np.searchsorted(columns["index"], index))
    figures = {name: plain(columns[name][row]) for name in FIGURES}
    passed = bool(columns["gate"][row] == PASSED_BOTH)
    return {"index": index, "passed": passed, "rating": rating_label(int(columns["rating_notch"][row])), **figures}


def _words(codes: NDArray[Any], known: dict[int, str]) -> list[str]:
    return [known[int(code)] for code in codes]


def _ratings(columns: Columns) -> list[str]:
    return [_rating(int(notch)) for notch in columns["rating_notch"]]


def _rating(notch: int) -> str:
    return NO_STRUCTURE if notch == NOT_COMPUTED else rating_label(notch)


def _rating_labels(old: Columns, new: Columns) -> list[str]:
    notches = {int(notch) for columns in (old, new) for notch in np.unique(columns["rating_notch"])}
    rated = [rating_label(notch) for notch in sorted(notches) if notch != NOT_COMPUTED]
    return [*rated, *([NO_STRUCTURE] if NOT_COMPUTED in notches else [])] or [rating_label(NOT_RATED)]


def _matrix(labels: list[str], old: list[str], new: list[str]) -> dict[str, Any]:
    """Counts from each label (rows) to each (columns)."""
    place = {label: number for number, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(counts, ([place[label] for label in old], [place[label] for label in new]), 1)
    return {"labels": labels, "counts": counts.tolist()}
