"""What differs between two versions of a structure: their terms line by line, and what their runs came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lib import figures
from lib.units import mark
from securitisation.editor import text_of
from securitisation.editor_fields import GROUPS, TABLES, Field, Form, Table
from securitisation.models import StructureVersion

FIGURES = (
    ("balance_amount", "Balance", "amount"),
    ("enhancement_ratio", "Enhancement", "share"),
    ("wal_years", "Average life", "years"),
    ("yield_rate", "Yield at par", "rate"),
    ("price_ratio", "Price", "share"),
    ("loss_ratio", "Loss", "rate"),
)


class Difference(NamedTuple):
    """One line that differs; a dash where a version does not have it."""

    place: str
    field: str
    before: str
    after: str


def differences(old: StructureVersion, new: StructureVersion) -> list[Difference]:
    """Every term that differs: pool, terms, base case, rows by their code, steps by their place."""
    found = []
    if old.pool_id != new.pool_id:
        found.append(Difference("Pool", "Loans", str(old.pool), str(new.pool)))
    return [*found, *_groups(old, new), *_tables(old.content, new.content)]


def _groups(old: StructureVersion, new: StructureVersion) -> Iterator[Difference]:
    titles = {
        "terms": "Terms",
        "reserve": "Reserve",
        "liquidity": "Liquidity facility",
        "principal_rule": "Principal",
        "behaviour": "Base case",
    }
    for name, fields in GROUPS:
        before, after = _group(old, name), _group(new, name)
        yield from _rows(titles[name], fields, before, after)


def _group(version: StructureVersion, name: str) -> Mapping[str, Any]:
    if name == "behaviour":
        return dict(version.behaviour)
    return dict(version.content if name == "terms" else version.content.get(name, {}))


def _tables(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for table in TABLES:
        before, after = _named(table, old), _named(table, new)
        for name in dict.fromkeys([*before, *after]):
            one, other = before.get(name), after.get(name)
            place = f"{table.title}: {name}"
            if one is None or other is None:
                yield Difference(place, table.row.capitalize(), _said(table, one), _said(table, other))
            else:
                yield from _rows(place, table.fields, one, other)


def _named(table: Table, content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The rows of a table by their code; steps, which have none, by their place."""
    rows = content.get(table.key, ())
    return {str(row.get("code") or number): row for number, row in enumerate(rows, start=1)}


def _said(table: Table, row: Mapping[str, Any] | None) -> str:
    """A whole row in a line."""
    if row is None:
        return figures.DASH
    texts = (_text(each, row.get(each.key)) for each in table.fields)
    return ", ".join(text for text in texts if text != figures.DASH)


def _rows(
    place: str, fields: tuple[Field, ...], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    for each in fields:
        one, other = _text(each, before.get(each.key)), _text(each, after.get(each.key))
        if one != other:
            yield Difference(place, each.label, one, other)


def _text(each: Field, value: Any) -> str:
    if each.form is Form.FLAG:
        return "Yes" if value else "No"
    if each.form is Form.CHOICE:
        given = value or each.empty
        return dict(each.choices).get(str(given or ""), str(given or figures.DASH))
    typed = text_of(each, value)
    unit = mark(each.unit)
    return f"{typed}{'' if unit == '%' else ' '}{unit}".strip() if typed else figures.DASH


class ResultDifference(NamedTuple):
    """One figure of one class in both versions, and how far it moved."""

    name: str
    figure: str
    before: str
    after: str
    moved: str


def result_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[ResultDifference]:
    """Every figure of every class that either run has, and of equity, where it differs."""
    before, after = _held(old), _held(new)
    found = []
    for code in dict.fromkeys([*after, *before]):
        one, other = before.get(code, {}), after.get(code, {})
        name = (other or one)["name"]
        for key, label, unit in FIGURES:
            was, now = (figures.in_unit(each.get(key), unit) for each in (one, other))
            if was != now:
                moved = _moved(one.get(key), other.get(key), unit)
                found.append(ResultDifference(name, label, was, now, moved))
    return found


def _held(summary: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Classes by their code and equity, which has none, under its last."""
    found: dict[str, Mapping[str, Any]] = {each["code"]: each for each in summary["classes"]}
    if equity := summary.get("equity"):
        found[""] = {"name": "Equity", "balance_amount": equity["amount"], "yield_rate": equity["yield_rate"]}
    return found


def _moved(one: float | None, other: float | None, unit: str) -> str:
    if one is None or other is None:
        return figures.DASH
    text = figures.in_unit(other - one, unit)
    return text if other < one else f"+{text}"
