"""Rows to the engine's terms and back: layouts and terms out of versions, records out of and into columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.reconciliation.records import Book, Value, shown
from engine.reconciliation.terms import Product, Terms, Tolerances
from reconciliation.reading.fpml import Parties
from reconciliation.reading.mapping import FieldRule, Layout

Content = Mapping[str, Any]
WORDS_OF_LAYOUT = ("record", "encoding", "delimiter", "decimal", "thousands", "trailer")


def layout_of(content: Content) -> Layout:
    """The layout that a mapping's content says."""
    head = content["layout"]
    words = {name: str(head.get(name) or "") for name in WORDS_OF_LAYOUT}
    return Layout(
        book=Book(head["book"]),
        layout=str(head["layout"]),
        fields=tuple(_rule(row) for row in content["fields"]),
        has_header=bool(head.get("has_header", True)),
        trailer_count=int(head.get("trailer_count") or 0),
        trailer_net=int(head.get("trailer_net") or 0),
        **words,
    )


def _rule(row: Content) -> FieldRule:
    values = pairs_of(str(row.get("values") or ""))
    said = {name: str(row.get(name) or "") for name in ("field", "path", "format", "zone", "default")}
    return FieldRule(values=values, **said)


def pairs_of(text: str) -> dict[str, str]:
    """Pairs out of a line: "K=BUY, V=SELL"."""
    pairs = (each.partition("=") for each in text.split(", ") if "=" in each)
    return {name.strip(): value.strip() for name, _, value in pairs}


def terms_of(content: Content) -> Terms:
    """Tolerances, products, holidays and rates that a version's content says."""
    tolerances = {name: _tolerance(name, value) for name, value in content.get("tolerances", {}).items()}
    return Terms(
        tolerances=Tolerances(**{name: value for name, value in tolerances.items() if value is not None}),
        products={row["symbol"]: _product(row) for row in content.get("products", [])},
        holidays=frozenset(date.fromisoformat(row["day"]) for row in content.get("holidays", [])),
        fx_rates={row["pair"]: decimal_of(row["rate"]) for row in content.get("fx_rates", [])},
    )


def _tolerance(name: str, value: Any) -> Any:
    known = Tolerances()
    if not hasattr(known, name):
        return None
    return int(value) if isinstance(getattr(known, name), int) else decimal_of(value)


def _product(row: Content) -> Product:
    numbers = {name: decimal_of(row[name]) for name in ("tick", "tick_value", "multiplier")}
    return Product(symbol=row["symbol"], exchange=row["exchange"], currency=row["currency"], **numbers)


def decimal_of(value: Any) -> Decimal:
    """The number as it was written: 0.1 is a tenth."""
    return Decimal(str(value))


def parties_of(content: Content) -> Parties:
    """Us and the counterparties."""
    rows = content.get("parties", [])
    ours = frozenset(row["lei"].upper() for row in rows if row["is_us"])
    return Parties(ours, {row["lei"].upper(): row["code"] for row in rows if not row["is_us"]})


def names_of(content: Content) -> dict[str, str]:
    """Parties by the names that documents use, with the code of a counterparty; ours have none."""
    return {row["name"]: "" if row["is_us"] else row["code"] for row in content.get("parties", [])}


def columns_of(values: Mapping[str, Value]) -> dict[str, str]:
    """A record's values as texts for a row."""
    return {name: shown(value) for name, value in values.items()}
