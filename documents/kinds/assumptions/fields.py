"""What the assumptions take from the facts: derivations, levers, the sponsor's inputs, terms, scenarios."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from documents.facts import PackFacts
from documents.facts.derivation import derivations_of
from documents.kinds.kind import Fields, Part
from documents.kinds.wording import headroom_words
from documents.rendering.templating import in_house_format
from engine.basics.fields import FieldKind, FieldSpec
from engine.permutations import AXES
from engine.terms import FIELDS as TERM_FIELDS
from lib.figures import DASH, agreed, share
from lib.text import day_words
from lib.units import beside, mark
from projects.differences import compare_inputs
from projects.screen import choice_text

# How a run ranks and labels what it finds says nothing of the structure it found.
RANKING = frozenset({"near_miss_ratio", "tier_shares", "objective", "composite_weights"})
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
BALLOON_MODES = {"sweep": "Swept from the anticipated repayment date", "refinance": "Refinanced at maturity"}
# Levers and terms that are chosen from words.
WORDS = {
    **BALLOON_MODES,
    "interest_only": "Interest only",
    "sculpted": "Sculpted to cash",
    "annuity": "Annuity",
    "partial": "Annuity with a balloon",
    "cash_sweep": "Annuity with a cash sweep",
    "sized": "Sized on cover",
    "senior": "Senior notes",
}


def fields(facts: PackFacts, part: Part) -> Fields:
    """The fields; there is one part."""
    return {
        "derivations": derivations_of(facts),
        "refinancing": _refinancing(facts),
        "levers": [
            {"label": AXES[code].label, "words": _lever(code, value)} for code, value in facts.detail.levers.items()
        ],
        "inputs": _inputs(facts),
        "terms": [_term(spec, getattr(facts.deal.terms, spec.path)) for spec in TERM_FIELDS if _is_told(spec)],
        "scenarios": [row.scenario.label for row in facts.detail.stress],
    }


def _refinancing(facts: PackFacts) -> Fields | None:
    """The balloon beside what the base case could refinance; None where nothing stands at maturity."""
    senior, terms = facts.tranches[0], facts.deal.terms
    if senior.balloon_amount <= 0.0:
        return None
    return {
        "balloon_amount": senior.balloon_amount,
        "limit_amount": facts.structure.senior.refinance_limit,
        "maturity_date": senior.maturity_date,
        "rate": senior.coupon_rate + terms.refinance_spread_bps / 1e4,
        "dscr": senior.sizing_dscr,
        "months_left": facts.deal.letting.end - senior.maturity_months,
        "headroom": headroom_words(facts),
    }


def _lever(code: str, value: Any) -> str:
    if isinstance(value, str):
        return WORDS.get(value) or choice_text(value)
    return DASH if value is None else _figure(value, str(AXES[code].unit))


def _inputs(facts: PackFacts) -> list[Fields]:
    """Every field that was entered, in the groups and words of the project's own page."""
    entered = facts.deal.inputs.to_dict()
    groups = in_house_format(compare_inputs)(entered, entered).inputs
    return [
        {
            "title": group.title,
            "rows": [{"label": row.label, "words": _entered(row.new, row.unit)} for row in group.rows],
        }
        for group in groups
    ]


def _entered(shown: str, unit: str) -> str:
    """What was entered beside its unit; a day as papers write it."""
    return day_words(date.fromisoformat(shown)) if ISO_DAY.fullmatch(shown) else beside(shown, unit)


def _is_told(spec: FieldSpec) -> bool:
    return spec.path not in RANKING and not spec.path.startswith("score_")


def _term(spec: FieldSpec, value: Any) -> Fields:
    return {"label": spec.label, "words": _term_words(spec, value)}


def _term_words(spec: FieldSpec, value: Any) -> str:
    unit = str(spec.unit)
    if spec.kind is FieldKind.PAIRS:
        return (
            "; ".join(f"below {agreed(level, unit)}: {share(part)} of residual cash" for level, part in value) or "None"
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_figure(each, unit) for each in value) or "None"
    return WORDS.get(str(value), str(value)) if isinstance(value, str) else _figure(value, unit)


def _figure(value: Any, unit: str) -> str:
    """A figure in its unit, with the unit's mark where its format has none."""
    shown = agreed(value, unit)
    unit_mark = mark(unit)
    return shown if unit_mark.rstrip("s") in shown else f"{shown} {unit_mark}"
