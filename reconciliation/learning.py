"""Learns causes from resolutions: weights by scikit-learn, kept as JSON, measured on later breaks beside the hints.

The older breaks teach, the later quarter is held back: what is measured is how it does on breaks it has not seen.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

import numpy as np

from engine.reconciliation.ranking import Cause, Ranking, Seen, features_of, hinted
from jobs.models import JobState
from jobs.registry import Answer
from jobs.work import Held
from lib.storage import content_of, keep_content
from reconciliation.models import Break, BreakState, CauseLearning

HELD_BACK_SHARE = 0.25
FEWEST = 40
MOST = 20_000
PLACES = 6
ROUNDS = 2_000


@dataclass(frozen=True, slots=True)
class Example:
    """A break that somebody resolved, and the cause they found."""

    seen: Seen
    cause: str


def learn_causes(job: CauseLearning, held: Held) -> Answer:
    """How right the ranking and the hints are on the breaks held back, and the SHA-256 of the weights' JSON."""
    examples = examples_of_resolutions()
    held.report(0, max(1, len(examples)))
    found = learned(examples)
    held.report(len(examples), max(1, len(examples)))
    return found


def examples_of_resolutions() -> list[Example]:
    """The last breaks that were resolved with a cause, the oldest first."""
    rows = Break.objects.filter(state=BreakState.RESOLVED).exclude(found_cause="").select_related("group")
    latest = list(rows.order_by("-settled_at", "-pk")[:MOST])
    return [Example(seen_of(row), row.found_cause) for row in reversed(latest)]


def seen_of(row: Break) -> Seen:
    """What the ranking sees of a break."""
    differences = row.group.detail.get("differences", []) if row.group else []
    return Seen(row.type, row.product, row.counterparty, float(row.amount), row.cause, differences)


def learned(examples: Sequence[Example]) -> Answer:
    """The answer of a learning; it says what is missing where there is too little to learn from."""
    if len(examples) < FEWEST:
        said = (
            f"Expected at least {FEWEST} breaks resolved with a cause, there are {len(examples)}: resolve more first."
        )
        return {"examples": len(examples), "is_on": False, "missing": said}
    at = len(examples) - max(1, int(len(examples) * HELD_BACK_SHARE))
    taught, later = examples[:at], examples[at:]
    if len({each.cause for each in taught}) < 2:
        return {"examples": len(examples), "is_on": False, "missing": "Expected at least two causes to tell apart."}
    ranking = _fitted(taught)
    content = json.dumps(asdict(ranking), sort_keys=True, separators=(",", ":")).encode()
    right = sum(ranking.shares(each.seen)[0][0] == each.cause for each in later)
    by_hints = sum(hinted(each.seen.hint) == each.cause for each in later)
    return {
        "examples": len(examples),
        "taught": len(taught),
        "held_back": len(later),
        "right": right,
        "right_by_hints": by_hints,
        "accuracy": right / len(later),
        "accuracy_of_hints": by_hints / len(later),
        "is_on": right > by_hints,
        "causes": len(ranking.causes),
        "features": len(ranking.features),
        "data_sha256": _named(examples),
        "weights_sha256": keep_content(content),
    }


def _fitted(taught: Sequence[Example]) -> Ranking:
    """The weights; the same examples give the same, whatever the order of their features."""
    from sklearn.linear_model import (
        LogisticRegression,
    )  # a second and 100 MB: for the worker that learns, not for every process

    said = [features_of(each.seen) for each in taught]
    names = tuple(sorted({name for each in said for name in each}))
    place = {name: at for at, name in enumerate(names)}
    table = np.zeros((len(taught), len(names)))
    for row, each in enumerate(said):
        for name, value in each.items():
            table[row, place[name]] = value
    model = LogisticRegression(C=10.0, max_iter=ROUNDS, random_state=0)
    model.fit(table, [each.cause for each in taught])
    weights, intercepts = np.round(model.coef_, PLACES), np.round(model.intercept_, PLACES)
    if len(model.classes_) == 2:  # one row tells two causes apart
        weights, intercepts = np.vstack([-weights, weights]) / 2, np.concatenate([-intercepts, intercepts]) / 2
    return Ranking(
        tuple(str(each) for each in model.classes_),
        names,
        tuple(tuple(float(value) for value in row) for row in weights),
        tuple(float(value) for value in intercepts),
    )


def _named(examples: Sequence[Example]) -> str:
    """SHA-256 of all that was learned from and measured on."""
    told = [[asdict(each.seen), each.cause] for each in examples]
    return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def last_learning() -> CauseLearning | None:
    """The last learning that came to its end."""
    return CauseLearning.objects.filter(state=JobState.DONE).order_by("-finished_at", "-pk").first()


def likely_causes(row: Break, most: int = 3) -> tuple[list[tuple[str, float]], dict[str, Any]]:
    """The likeliest causes with their shares, and how the ranking was measured; nothing while it is off."""
    learning = last_learning()
    if learning is None or not learning.summary.get("is_on"):
        return [], {}
    return ranking_of(learning.summary["weights_sha256"]).shares(seen_of(row))[:most], dict(learning.summary)


@lru_cache(maxsize=4)
def ranking_of(weights_sha256: str) -> Ranking:
    """The ranking as it was kept: numbers only, nothing that runs."""
    kept = json.loads(content_of(weights_sha256))
    return Ranking(
        causes=tuple(str(Cause(each)) for each in kept["causes"]),
        features=tuple(str(each) for each in kept["features"]),
        weights=tuple(tuple(float(value) for value in row) for row in kept["weights"]),
        intercepts=tuple(float(value) for value in kept["intercepts"]),
    )
