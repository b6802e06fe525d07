"""The runs in which a financing stands: its number there is arithmetic, its rank and figures are what the run stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.urls import reverse

from engine.deal.axes import Lever
from engine.permutations import AXES, LeverSet
from engine.terms import StructuringTerms
from financings.models import Financing
from financings.origins import Origin
from jobs.models import JobState
from permutations.models import Run
from permutations.results import rows_of

# A row costs a look into its run's files; the first of so many are looked at.
MOST_RUNS = 10


def runs_with(financing: Financing) -> list[Origin]:
    """The finished runs on the financing's inputs, rules, terms and engine that evaluated it, the earliest first."""
    found = []
    for run, index in _candidates(financing):
        row = rows_of(run, [index]).get(index)
        if row is not None:
            found.append(_origin(run, index, row))
        if len(found) == MOST_RUNS:
            break
    return found


def index_of(levers: LeverSet, choice: Mapping[str, Lever]) -> int | None:
    """The number of a choice in a space; None where the space has no such point."""
    values, index = dict(levers.axes), 0
    strides = levers.strides()
    for code, spec in AXES.items():
        if code not in values:
            if choice.get(code) != spec.default:
                return None
        elif code not in choice or choice[code] not in values[code]:
            return None
        else:
            index += values[code].index(choice[code]) * strides[code][0]
    return index


def _candidates(financing: Financing) -> Iterator[tuple[Run, int]]:
    runs = Run.objects.filter(
        project=financing.project,
        snapshot=financing.snapshot,
        rule_set__content_hash=financing.rule_set.content_hash,
        market_set__content_hash=financing.market_set.content_hash if financing.market_set else None,
        engine_version=financing.engine_version,
        state=JobState.DONE,
    )
    for run in runs.defer("summary").order_by("finished_at", "pk"):
        if StructuringTerms.from_dict(run.terms).to_dict() == financing.terms:
            index = index_of(LeverSet.from_dict(run.lever_set), financing.choice)
            if index is not None:
                yield run, index


def _origin(run: Run, index: int, row: Mapping[str, object]) -> Origin:
    return Origin(
        code=run.code,
        number=index,
        space_count=run.space_count,
        seed=run.seed,
        created_at=run.created_at,
        finished_at=run.finished_at or run.created_at,
        address=reverse("run-detail", args=[run.code]),
        row=row,
    )
