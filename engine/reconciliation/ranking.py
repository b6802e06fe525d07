"""Causes of breaks ranked by what people found before: linear in what a break shows, so that each weight can be read.

A share is what the ranking gives a cause among all that it knows, from 0 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

LARGEST_AMOUNT_POWER, MOST_DAYS = 12.0, 10.0


class Cause(StrEnum):
    """What a break was found to come from."""

    UNITS = "units"
    SCALE = "scale"
    SIGN = "sign"
    SWAPPED = "swapped"
    INVERTED = "inverted"
    ONE_DAY = "one_day"
    TIME_ZONE = "time_zone"
    CHARGES = "charges"
    LATE = "late"
    NOT_SENT = "not_sent"
    NOT_BOOKED = "not_booked"
    BOOKED_TWICE = "booked_twice"
    TYPING = "typing"
    STATIC_DATA = "static_data"
    AMENDED = "amended"
    OTHER = "other"


TITLES: dict[str, str] = {
    Cause.UNITS: "Units: percent or cents for units",
    Cause.SCALE: "Scale: a power of ten",
    Cause.SIGN: "Opposite sign",
    Cause.SWAPPED: "Sides swapped",
    Cause.INVERTED: "Currency pair inverted",
    Cause.ONE_DAY: "A day apart: roll or time zone",
    Cause.TIME_ZONE: "Time zone not converted",
    Cause.CHARGES: "Charges taken off",
    Cause.LATE: "Booked or sent late",
    Cause.NOT_SENT: "Not sent by the counterparty",
    Cause.NOT_BOOKED: "Not booked by us",
    Cause.BOOKED_TWICE: "Booked twice",
    Cause.TYPING: "Typed wrong",
    Cause.STATIC_DATA: "Static data wrong",
    Cause.AMENDED: "Amended, one side not told",
    Cause.OTHER: "Another cause",
}
# How the sentences of `hints.cause_of` begin.
HINTED = {
    "Units": Cause.UNITS,
    "Scale": Cause.SCALE,
    "Sign": Cause.SIGN,
    "Sides are swapped": Cause.SWAPPED,
    "The option is the other way round": Cause.SWAPPED,
    "Inverted pair": Cause.INVERTED,
    "One day": Cause.ONE_DAY,
    "Time zone": Cause.TIME_ZONE,
    "Charges": Cause.CHARGES,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of a break before anybody works on it; `hint` is the sentence of its plain cause, or empty."""

    type: str
    product: str
    counterparty: str
    amount: float
    hint: str
    differences: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Weights by cause and feature, (causes, features); a feature that it does not know weighs nothing."""

    causes: tuple[str, ...]
    features: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]
    intercepts: tuple[float, ...]

    def shares(self, seen: Seen) -> list[tuple[str, float]]:
        """Every cause with its share, the likeliest first."""
        said = features_of(seen)
        given = [(at, said[name]) for at, name in enumerate(self.features) if name in said]
        scores = [
            intercept + sum(row[at] * value for at, value in given)
            for row, intercept in zip(self.weights, self.intercepts, strict=True)
        ]
        highest = max(scores)
        powers = [math.exp(score - highest) for score in scores]
        total = sum(powers)
        found = [(cause, power / total) for cause, power in zip(self.causes, powers, strict=True)]
        return sorted(found, key=lambda each: (-each[1], each[0]))


def hinted(sentence: str) -> str:
    """The cause that a hint's sentence names; empty without one."""
    return HINTED.get(sentence.partition(":")[0], "")


def features_of(seen: Seen) -> dict[str, float]:
    """Numbers between -1 and 1 by name: what is there as 1, sizes on a logarithm, days up to ten."""
    errors = [each for each in seen.differences if each.get("weight") == "Error"]
    words = {
        *(f"type {each}" for each in seen.type.split(", ")),
        *(f"field {each['field']}" for each in errors),
        *(f"hint {hint}" for each in errors for hint in each.get("hints", ())),
        f"product {seen.product}",
        f"counterparty {seen.counterparty}",
        f"cause {hinted(seen.hint) or 'none'}",
    }
    found = dict.fromkeys(sorted(words), 1.0)
    found["amount"] = min(math.log10(1.0 + abs(seen.amount)) / LARGEST_AMOUNT_POWER, 1.0)
    found.update(_apart(errors))
    return found


def _apart(errors: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """How far the first day, and the first number, of the other side is from ours."""
    found: dict[str, float] = {}
    for each in errors:
        days = _days(each)
        relative = None if days is not None else _relative(each)
        if days is not None and "days" not in found:
            found["days"] = max(-MOST_DAYS, min(MOST_DAYS, days)) / MOST_DAYS
        if relative is not None and "relative" not in found:
            found["relative"] = math.tanh(relative)
    return found


def _days(difference: Mapping[str, Any]) -> float | None:
    try:
        return float((date.fromisoformat(difference["external"]) - date.fromisoformat(difference["internal"])).days)
    except (ValueError, KeyError, TypeError):
        return None


def _relative(difference: Mapping[str, Any]) -> float | None:
    try:
        ours, theirs = Decimal(difference["internal"]), Decimal(difference["external"])
    except (InvalidOperation, KeyError, TypeError):
        return None
    return float((theirs - ours) / abs(ours)) if ours and ours.is_finite() and theirs.is_finite() else None
