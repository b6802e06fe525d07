"""The quick form's figures per MW, to capex by line and back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, Reader, lookup, nested
from engine.errors import Problem
from engine.project import FIELDS
from projects.translate.plain import cents, plain_json

# Figures of the quick form that have no field of their own; a draft keeps them until they can be worked out.
ENTERED = "entered"
PER_MW = {side: f"capex_{side}_per_mw" for side in ("internal", "market")}
QUICK_FIELDS: tuple[FieldSpec, ...] = tuple(
    FieldSpec(
        name,
        f"{side.capitalize()} capex per MW",
        FieldKind.NUMBER,
        "amount_per_mw",
        required=True,
        minimum=0,
        exclusive_minimum=True,
        maximum=1e9,
        help="Per MW of gross facility power, before construction phase fee and contingency.",
    )
    for side, name in PER_MW.items()
)
_OLD_FEE_RATE = "management_fee_rate"  # what drafts held before the percentage was an input of its own


def quick_values(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the quick form shows of stored inputs beside their own fields: capex per MW."""
    kept = sound_entered(inputs.get(ENTERED)).get(ENTERED, {})
    per_mw = {name: _per_mw(inputs, side) for side, name in PER_MW.items()}
    return {**kept, **{name: value for name, value in per_mw.items() if value is not None}}


def quick_payload(
    values: Mapping[str, Any], entered: Mapping[str, Any], stored: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Inputs from the quick form's values by path and its own figures, and what is wrong with the latter.

    What `stored` holds beside these values is kept. So is its split of capex by line: lines move in proportion when
    the figure per MW does.
    """
    reader = Reader(QUICK_FIELDS, plain_json(entered))
    figures = {name: value for name, value in reader.read().items() if value is not None}
    payload = nested({**_beside(values, stored), **{path: v for path, v in values.items() if v not in (None, "")}})
    mw = _sound_mw(payload)
    for side, name in PER_MW.items():
        if name in figures and mw is not None:
            side_group = payload.setdefault("capex", {}).setdefault(side, {})
            side_group["lines"] = _lines(Decimal(str(figures[name])), mw, side, stored)
    return {**payload, ENTERED: figures}, tuple(reader.problems)


def with_fee_rate(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload with a fee percentage that an old draft kept among the quick form's figures in its own place."""
    entered, fees = payload.get(ENTERED), payload.get("fees", {})
    if not isinstance(entered, Mapping) or entered.get(_OLD_FEE_RATE) is None or not isinstance(fees, Mapping):
        return payload
    return {**payload, "fees": {"management_rate": entered[_OLD_FEE_RATE], **_without(fees, "management_amount")}}


def _beside(values: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored in fields that the form does not show, capex lines apart."""
    others = (spec.path for spec in FIELDS if spec.path not in values and spec.kind is not FieldKind.AMOUNTS_BY_LINE)
    kept = {path: lookup(stored, path) for path in others}
    return {path: value for path, value in kept.items() if value is not None}


def _without(group: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in group.items() if key != name}


def _sound_mw(payload: Mapping[str, Any]) -> Decimal | None:
    spec = next(spec for spec in FIELDS if spec.path == "power.gross_facility_mw")
    read = Reader((spec,), {"power": {"gross_facility_mw": lookup(payload, spec.path)}}).read()
    return None if read[spec.path] is None else _decimal(lookup(payload, spec.path))


def _per_mw(inputs: Mapping[str, Any], side: str) -> Decimal | None:
    lines, mw = lookup(inputs, f"capex.{side}.lines"), lookup(inputs, "power.gross_facility_mw")
    if not lines or not mw:
        return None
    return cents(sum((Decimal(str(amount)) for amount in lines.values()), Decimal(0)) / Decimal(str(mw)))


def _lines(per_mw: Decimal, mw: Decimal, side: str, stored: Mapping[str, Any]) -> dict[str, Decimal]:
    kept = {code: Decimal(str(a)) for code, a in (lookup(stored, f"capex.{side}.lines") or {}).items()}
    stored_mw = lookup(stored, "power.gross_facility_mw")
    if kept and stored_mw and _per_mw(stored, side) == per_mw and Decimal(str(stored_mw)) == mw:
        return kept
    total, known = cents(per_mw * mw), sum(kept.values(), Decimal(0))
    if known <= 0 or list(kept) == ["build"]:
        return {"build": total}
    scaled = {code: cents(total * amount / known) for code, amount in kept.items()}
    largest = max(scaled, key=lambda code: (scaled[code], code))
    scaled[largest] += total - sum(scaled.values(), Decimal(0))
    return scaled


def _decimal(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def sound_entered(entered: Any) -> dict[str, Any]:
    """The quick form's own figures of a draft, those that can be read."""
    if not isinstance(entered, Mapping):
        return {}
    known = {spec.path: entered.get(spec.path) for spec in QUICK_FIELDS}
    good = {path: value for path, value in Reader(QUICK_FIELDS, known).read().items() if value is not None}
    return {ENTERED: good} if good else {}
