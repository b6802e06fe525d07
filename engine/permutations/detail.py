"""One permutation in full: the financing's own detail, and what would cure it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from engine.deal.detail import DealDetail, detail_of
from engine.deal.reasons import PASSED_BOTH
from engine.deal.row import Value, plain_row
from engine.deal.setting import Setting
from engine.deal.structure import price
from engine.permutations.case import Case
from engine.permutations.evaluate import evaluate
from engine.permutations.remedies import PairRemedy, Remedies, Remedy, find_remedies


@dataclass(frozen=True, slots=True)
class PermutationDetail(DealDetail):
    """All there is to say about one permutation; tables are empty where no structure can run."""

    index: int
    remedies: tuple[Remedy, ...]
    pair_remedy: PairRemedy | None
    remedy_target: str


def evaluate_permutation(case: Case, index: int) -> PermutationDetail:
    """The permutation in full; raises InputProblems if the space has no such index."""
    deal, row = case.deal_of(index), result_row(case, index)
    detail, target = detail_of(price(deal), row), remedy_target(case, row)
    remedies = find_remedies(deal, target, case.levers.filters) if target else Remedies()
    return PermutationDetail(
        **{field.name: getattr(detail, field.name) for field in fields(DealDetail)},
        index=index,
        remedies=remedies.singles,
        pair_remedy=remedies.pair,
        remedy_target=target or "",
    )


def result_row(case: Case, index: int) -> dict[str, Value]:
    """The permutation's result columns after the run's own limits; None where nothing was computed."""
    return plain_row(evaluate(case, np.array([index], dtype=np.int64)).columns)


def remedy_target(setting: Setting, row: dict[str, Value]) -> str | None:
    """The minimum rating if it is missed, else the next better one; None at the top."""
    if row["gate"] != PASSED_BOTH:
        return setting.terms.minimum_rating
    better = [r for r in setting.rules.rows_for(setting.inputs.country) if r.notch < int(row["rating_notch"] or 0)]
    return better[-1].rating if better else None
