"""Two values of one field, and what to say of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal

from engine.reconciliation.days import business_days_between
from engine.reconciliation.hints import factor_hint
from engine.reconciliation.records import Value, shown
from engine.reconciliation.verdicts import Difference, Weight

INFO, WARNING, ERROR = Weight.INFO, Weight.WARNING, Weight.ERROR
Sized = Callable[[Decimal, Decimal], str]


def number_difference(
    field: str, one: Decimal, other: Decimal, limit: Decimal, type_: str, size: Sized | None = None
) -> Difference | None:
    """A difference of numbers: inside the limit TOLERANCE, beyond it `type_`; None for equal ones."""
    if one == other:
        return None
    said = size(one, other) if size else shown(abs(other - one))
    if abs(other - one) <= limit:
        return Difference(field, shown(one), shown(other), "TOLERANCE", INFO, said)
    return Difference(field, shown(one), shown(other), type_, ERROR, said, factor_hint(one, other))


def day_difference(
    field: str, one: date, other: date, limit_days: int, holidays: Collection[date]
) -> Difference | None:
    """A difference of days: up to so many business days TEMPORAL, beyond them DATE_BREAK."""
    if one == other:
        return None
    days = business_days_between(one, other, holidays)
    type_, weight = ("TEMPORAL", INFO) if days <= limit_days else ("DATE_BREAK", ERROR)
    return Difference(field, one.isoformat(), other.isoformat(), type_, weight, f"{days} business days")


def plain_difference(field: str, one: Value, other: Value) -> Difference | None:
    """Two values that must be the same."""
    return None if one == other else Difference(field, shown(one), shown(other), "OTHER", ERROR)


def one_sided_difference(field: str, one: Value | None, other: Value | None) -> Difference:
    """A field that only one side says."""
    hint = ("only the counterparty says it",) if one is None else ("the counterparty does not say it",)
    return Difference(
        field, "" if one is None else shown(one), "" if other is None else shown(other), "OTHER", ERROR, "", hint
    )


def agreed_later(field: str, other: Value) -> Difference:
    """A field that our paper leaves open and the confirmation fills: to be read, no break."""
    return Difference(field, "", shown(other), "AGREED_LATER", WARNING, "", ("open on our side, as confirmed",))


def name_difference(
    field: str, one: str, other: str, limit: Decimal, similarity: Callable[[str, str], float]
) -> Difference | None:
    """Two names: the same after normalising is a note, similar ones a warning."""
    if one == other:
        return None
    first, second = normal_name(one), normal_name(other)
    if first == second:
        return Difference(field, one, other, "SAME_AFTER_NORMALISING", INFO, "100")
    score = similarity(first, second)
    type_, weight = ("NAME_SIMILAR", WARNING) if Decimal(score) >= limit else ("OTHER", ERROR)
    return Difference(field, one, other, type_, weight, f"{score:.1f}")


def normal_name(name: str) -> str:
    """Lower case; letters, digits and blanks only."""
    return re.sub(r"[^\w ]|_", "", name.lower()).strip()
