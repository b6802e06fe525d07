"""The engine's columns of one financing and of its place in a run, with the words people read and type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.deal.columns import SIZED_BY
from engine.permutations import AXES, COLUMNS, CRITERIA, FLAGS, GATES, REASONS, REPO_VERDICTS, TIERS, ColumnSpec, Unit
from engine.ratings import LABELS, NOT_RATED
from financings.typed import WORDS, code_words
from lib.text import label_of
from tables.catalogue import Catalogue, Column
from tables.query import Sort

RANKING = "ranking"
KINDS = {
    "rank": "Ranking",
    "lever": "Levers",
    "gate": "Gates",
    "size": "Size",
    "cover": "Cover and rating",
    "stress": "Stress",
    "value": "Value",
    "return": "Returns",
}
DEFAULT_COLUMNS = (
    "rank", "tier", "index", "senior_amount", "mezz_amount", "equity_ratio", "total_agency_ltv_ratio", "loan_to_cost_ratio",
    "total_dscr_minimum", "dscr_minimum", "worst_stressed_dscr", "rating_notch", "senior_coupon_margin_bps",
    "sponsor_irr_rate", "day_one_value", "cash_released_amount", "score",
)  # fmt: skip
NOTCHES = {**dict(enumerate(LABELS, start=1)), NOT_RATED: "NR"}
CODE_WORDS: dict[str, Mapping[int, str]] = {
    "gate": GATES,
    "reason": REASONS,
    "repo_verdict": REPO_VERDICTS,
    "tier": TIERS,
    "binding_criterion": {0: "None", **CRITERIA},
    "rating_notch": NOTCHES,
    "mezz_rating_notch": NOTCHES,
    "after_tax_rating_notch": NOTCHES,
    "sized_by": SIZED_BY,
    "mezz_sized_by": SIZED_BY,
    "flags": FLAGS,
}
# Where the sponsor pays nothing in, there is no return to speak of.
NO_EQUITY = ("sponsor_equity_amount", "no equity")
SPELLED: dict[str, Callable[[str], str]] = {"reason": code_words, "flags": code_words}


def _column(spec: ColumnSpec) -> Column:
    is_word = spec.unit == Unit.NAME
    return Column(
        name=spec.name,
        title=spec.label,
        unit=Unit.NONE if spec.name == "score" else spec.unit,
        group=KINDS[spec.kind],
        help=spec.help,
        dtype="str" if is_word else spec.dtype,
        words=_lever_words(spec.name) if is_word else CODE_WORDS.get(spec.name, {}),
        is_sum=spec.name == "flags",
        spell=SPELLED.get(spec.name, str),
        part=RANKING if spec.kind == "rank" else "",
        missing=0 if spec.name == "tier" else None,
        decimals=3 if spec.name == "score" else None,
        template="financings/fragments/tier.html" if spec.name == "tier" else "",
        is_place=spec.name in ("rank", "index"),
        is_agreed=spec.kind == "lever",
        without=NO_EQUITY if spec.name == "sponsor_irr_rate" else None,
    )


def _lever_words(name: str) -> dict[Any, str]:
    return {word: WORDS.get(word, label_of(word)) for word in map(str, AXES[name].choices)}


RESULTS = Catalogue(
    kind="results",
    columns={name: _column(spec) for name, spec in COLUMNS.items()},
    key="index",
    default_columns=DEFAULT_COLUMNS,
    default_sort=(Sort("rank"),),
)
