"""Causes that a difference shows by itself: deterministic, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from engine.reconciliation.verdicts import Difference

# How exactly a factor must hold: figures are rounded on one side.
CLOSE = Decimal("0.0001")
FACTORS = (Decimal(100), Decimal(1000), Decimal(1_000_000), Decimal(10))
OPPOSITE = {
    "BUY": "SELL",
    "LONG": "SHORT",
    "PAY_FIXED": "RECEIVE_FIXED",
    "PAYER": "RECEIVER",
    "CALL": "PUT",
    "CAP": "FLOOR",
}
TURNED = {**OPPOSITE, **{other: one for one, other in OPPOSITE.items()}}


def factor_hint(one: Decimal, other: Decimal) -> tuple[str, ...]:
    """Whether one number is the other times a power of ten, its opposite, or its inverse."""
    if not one or not other:
        return ()
    if _close(other, -one):
        return ("opposite sign",)
    small, large = sorted((one, other), key=abs)
    found = [f"factor {factor}" for factor in FACTORS if _close(large, small * factor)]
    return tuple(found) or (("inverted",) if _close(other, 1 / one) else ())


def hours_hint(seconds: int) -> tuple[str, ...]:
    """Whether two times are whole hours apart."""
    is_whole = seconds > 0 and seconds % 3600 == 0
    return ("a whole number of hours: time zone not converted?",) if is_whole else ()


def cause_of(differences: Iterable[Difference]) -> str:
    """The likeliest cause of a break, in one sentence with its evidence; empty where nothing is plain."""
    found = {each.field: each for each in differences}
    for cause in (_swapped_sides, _by_factor, _inverted_pair, _by_a_day, _whole_hours, _charges):
        if said := cause(found):
            return said
    return ""


def _swapped_sides(found: Mapping[str, Difference]) -> str:
    for name in ("side", "option_type"):
        difference = found.get(name)
        if difference and TURNED.get(difference.internal) == difference.external:
            what = "Sides are swapped" if name == "side" else "The option is the other way round"
            return f"{what}: {difference.internal} here, {difference.external} there."
    return ""


def _by_factor(found: Mapping[str, Difference]) -> str:
    for name, difference in found.items():
        for hint in difference.hints:
            if hint.startswith("factor 100") and name in {"rate", "spread", "price"}:
                return f"Units: {name} {difference.internal} against {difference.external}, {hint}: percent or cents for units?"
            if hint.startswith("factor"):
                return f"Scale: {name} {difference.internal} against {difference.external}, {hint}."
            if hint == "opposite sign":
                return f"Sign: {name} {difference.internal} against {difference.external}."
    return ""


def _inverted_pair(found: Mapping[str, Difference]) -> str:
    rate = found.get("rate")
    is_inverted = rate and "inverted" in rate.hints
    return f"Inverted pair: {rate.internal} is one over {rate.external}." if rate and is_inverted else ""


def _by_a_day(found: Mapping[str, Difference]) -> str:
    for name, difference in found.items():
        if difference.type == "DATE_BREAK" and abs(_days(difference)) == 1:
            return f"One day: {name} {difference.internal} against {difference.external}: roll or time zone?"
    return ""


def _whole_hours(found: Mapping[str, Difference]) -> str:
    time = found.get("exec_time_utc")
    is_whole = time and any("whole number of hours" in hint for hint in time.hints)
    return f"Time zone: {time.size} apart, a whole number of hours." if time and is_whole else ""


def _charges(found: Mapping[str, Difference]) -> str:
    amount = found.get("amount")
    if amount is None or amount.type != "AMOUNT_BREAK":
        return ""
    short = abs(Decimal(amount.internal)) - abs(Decimal(amount.external))
    is_small = 0 < short <= abs(Decimal(amount.internal)) / 100
    return f"Charges: {short} less than expected: taken off on the way?" if is_small and short > Decimal("0.05") else ""


def _days(difference: Difference) -> int:
    return (date.fromisoformat(difference.external) - date.fromisoformat(difference.internal)).days


def _close(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= CLOSE * abs(one)
