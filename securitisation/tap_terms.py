"""A further series of notes as it is asked for, and what every class that stands would have of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems, Problem
from engine.notes.content import problems_of, problems_of_pool, write_pool, write_structure
from engine.notes.purchases import pool_with
from engine.notes.run import run_notes
from engine.notes.taps import Cover, Series, aged, behaviour_after, covers_of, pool_after, with_series, worse_covers
from engine.notes.terms import CouponKind, Pool
from engine.ratings.scale import notch_of
from lib.errors import Invalid
from securitisation.class_risk import risk_of
from securitisation.translate import Deal

CORRELATION_RATIO = 0.2
FIELDS = (
    FieldSpec("beside", "Beside class", FieldKind.TEXT, required=True, maximum=60, help="The series ranks with it in every line."),
    FieldSpec("code", "Code of the series", FieldKind.TEXT, required=True, maximum=60),
    FieldSpec("balance_amount", "Balance", FieldKind.NUMBER, "amount", required=True, minimum=0, maximum=1e15, exclusive_minimum=True),
    FieldSpec("coupon_rate", "Coupon", FieldKind.NUMBER, "rate", 0.0, minimum=0, maximum=1, help="Where the class is fixed."),
    FieldSpec("margin_bps", "Margin", FieldKind.NUMBER, "bps", 0.0, minimum=-500, maximum=5000, help="Where it floats."),
    FieldSpec("payments", "After payment", FieldKind.INTEGER, "count", 0, minimum=0, maximum=600, help="Of the base case; 0 is at closing."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TapTerms:
    """A series as it is asked for."""

    beside: str
    code: str
    balance_amount: float
    coupon_rate: float
    margin_bps: float
    payments: int

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TapTerms:
        """The terms; raises Invalid with every problem at its field."""
        reader = Reader(FIELDS, values)
        read = reader.read()
        if reader.problems:
            raise Invalid(reader.problems)
        return cls(**read)


@dataclass(frozen=True, slots=True)
class ClassTest:
    """One class without the series and with it."""

    code: str
    name: str
    rating_before: str
    rating_after: str
    before: Cover
    after: Cover

    @property
    def is_passed(self) -> bool:
        """True where it is rated and covered no worse."""
        covered = not worse_covers({self.code: self.before}, {self.code: self.after})
        return covered and notch_of(self.rating_after) <= notch_of(self.rating_before)


@dataclass(frozen=True, slots=True)
class TapTest:
    """Every class that stands, the deal with the series, and what keeps it from being issued."""

    classes: tuple[ClassTest, ...]
    deal: Deal
    problems: tuple[Problem, ...]


def tap_test(deal: Deal, terms: TapTerms, further: Pool | None) -> TapTest:
    """The deal as it stands after those payments, without the series and with it; raises Invalid where there is no such deal."""
    try:
        before, after = _deals(deal, terms, further)
    except InputProblems as error:
        raise Invalid(error.problems) from error
    problems = [*problems_of(write_structure(after.structure)), *_of_loans(after.pool)]
    if problems:
        raise Invalid(problems)
    covers = [covers_of(each.structure, each.pool, each.behaviour) for each in (before, after)]
    ratings = [_ratings(each) for each in (before, after)]
    tests = tuple(
        ClassTest(each.code, each.name, ratings[0].get(each.code, ""), ratings[1].get(each.code, ""), covers[0][each.code], covers[1][each.code])
        for each in before.structure.classes
    )  # fmt: skip
    return TapTest(tests, after, tuple(_worse(tests, covers)))


def _deals(deal: Deal, terms: TapTerms, further: Pool | None) -> tuple[Deal, Deal]:
    structure = aged(deal.structure, run_notes(deal.structure, deal.pool, deal.behaviour), terms.payments)
    months = terms.payments * structure.payment_frequency_months
    bought = pool_with(deal.structure, deal.pool)
    pool, behaviour = pool_after(bought, deal.behaviour, months), behaviour_after(deal.behaviour, months)
    floats = {each.code for each in structure.classes if each.coupon_kind is CouponKind.FLOATING}
    rate = terms.margin_bps if terms.beside in floats else terms.coupon_rate
    tapped = with_series(structure, Series(terms.beside, terms.code, terms.balance_amount, rate))
    joined = Pool((*pool.loans, *(further.loans if further else ())))
    return Deal(structure, pool, behaviour), Deal(tapped, joined, behaviour)


def _of_loans(pool: Pool) -> list[Problem]:
    """Loans that cannot stand in one pool: a code twice, another currency."""
    return [Problem(each.code, "further", each.message) for each in problems_of_pool(write_pool(pool))]


def _ratings(deal: Deal) -> dict[str, str]:
    """Indicated ratings; none where a loan has no rating."""
    risk = risk_of(deal, CORRELATION_RATIO)
    return {code: each["indicated_rating"] for code, each in risk["classes"].items()} if risk else {}


def _worse(tests: tuple[ClassTest, ...], covers: list[dict[str, Cover]]) -> list[Problem]:
    if any(not (each.rating_before and each.rating_after) for each in tests):
        return [Problem("unrated", "further", "A loan has no rating: the rating test needs one of each.")]
    found = worse_covers(*covers)
    for each in tests:
        if notch_of(each.rating_after) > notch_of(each.rating_before):
            message = f"Class {each.code}: the indicated rating falls from {each.rating_before} to {each.rating_after}."
            found.append(Problem("worse_rating", "balance_amount", message))
    return found
