"""Records as our side sees them: nine products of the OTC book, listed trades, positions, cash.

Money and rates are Decimal, as they were written; rates and spreads are fractions a year, lags whole months.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

Value = str | Decimal | date | datetime | bool | int


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"  # UTC, to the second
    FLAG = "flag"
    WHOLE = "whole"


class Book(StrEnum):
    """What a record is of."""

    OTC = "otc"
    LISTED = "listed"
    POSITION = "position"
    CASH = "cash"


PRODUCTS = ("swap", "fra", "capFloor", "swaption", "fxForward", "fxOption", "cds", "zcis", "trs")
FX_PRODUCTS = ("fxForward", "fxOption")

T, N, D, C, F, W = Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.TIME, Kind.FLAG, Kind.WHOLE
OTC_FIELDS = {
    **dict.fromkeys(("product", "uti", "trade_id", "their_id", "counterparty", "side", "option_type"), T),
    **dict.fromkeys(("trade_date", "effective_date", "maturity_date", "expiry_date"), D),
    "notional": N,
    "currency": T,
    "notional2": N,
    "currency2": T,
    "rate": N,
    "index": T,
    "index_tenor": T,
    "spread": N,
    "premium": N,
    "premium_date": D,
    "reference_entity": T,
    "lag_months": W,
    "initial_index": N,
    "underlying": T,
    "price": N,
    "notional_reset": F,
    "open_terms": T,
}
LISTED_FIELDS = {
    **dict.fromkeys(("trade_id", "account", "symbol", "exchange", "expiry", "side"), T),
    "quantity": N,
    "price": N,
    "currency": T,
    "trade_date": D,
    "settle_date": D,
    "exec_time_utc": C,
    **dict.fromkeys(("broker", "report_id", "ref", "transaction", "line", "sub_account"), T),
}
POSITION_FIELDS = {
    **dict.fromkeys(("account", "symbol", "exchange", "expiry"), T),
    "net": N,
    "price": N,
    "currency": T,
    "as_of": D,
}
CASH_FIELDS = {
    "id": T,
    "account": T,
    "currency": T,
    "amount": N,
    "value_date": D,
    "booking_date": D,
    **dict.fromkeys(("type", "basis", "reference", "text", "line"), T),
}
FIELDS: dict[Book, dict[str, Kind]] = {
    Book.OTC: OTC_FIELDS,
    Book.LISTED: LISTED_FIELDS,
    Book.POSITION: POSITION_FIELDS,
    Book.CASH: CASH_FIELDS,
}
# Fields of a trade of ours that are agreed with its execution only; names with blanks between.
OPEN_TERMS = "open_terms"
_COMMON = ("product", "counterparty", "side", "trade_date", "maturity_date", "notional", "currency")
REQUIRED_OF_PRODUCT = {
    "swap": (*_COMMON, "effective_date", "rate", "index"),
    "fra": (*_COMMON, "effective_date", "rate", "index"),
    "capFloor": (*_COMMON, "effective_date", "rate", "index", "option_type"),
    "swaption": (*_COMMON, "effective_date", "expiry_date", "rate", "index", "option_type"),
    "fxForward": (*_COMMON, "notional2", "currency2", "rate"),
    "fxOption": (*_COMMON, "notional2", "currency2", "rate", "expiry_date", "option_type"),
    "cds": (*_COMMON, "rate", "reference_entity"),
    "zcis": (*_COMMON, "effective_date", "rate", "index", "lag_months", "initial_index"),
    "trs": (*_COMMON, "effective_date", "underlying", "price", "notional_reset"),
}
REQUIRED = {
    Book.LISTED: ("symbol", "expiry", "side", "quantity", "price", "trade_date"),
    Book.POSITION: ("account", "symbol", "net"),
    Book.CASH: ("currency", "amount", "value_date"),
}
NEVER_NEGATIVE = {"notional", "notional2", "premium", "quantity", "initial_index"}
NEVER_ZERO = {"notional", "notional2", "quantity"}


@dataclass(frozen=True, slots=True)
class Record:
    """One record under the name it has in its file or book; fields it does not have are not in `values`."""

    id: str
    values: Mapping[str, Value]

    def get(self, name: str) -> Value | None:
        """The field's value; None where the record does not say."""
        return self.values.get(name)

    def text(self, name: str) -> str:
        """The field as text; empty where the record does not say."""
        value = self.values.get(name)
        return "" if value is None else shown(value)

    def number(self, name: str) -> Decimal:
        """The field as a number; zero is only for those that need none."""
        value = self.values.get(name)
        return value if isinstance(value, Decimal) else Decimal(0)

    def day(self, name: str) -> date | None:
        """The field as a day."""
        value = self.values.get(name)
        return value if isinstance(value, date) and not isinstance(value, datetime) else None


def read_value(kind: Kind, text: str) -> Value:
    """The value of plain text (2026-06-16, 1.25, true); ValueError says what was expected."""
    return _READERS[kind](text.strip())


def shown(value: Value) -> str:
    """The value as plain text, which `read_value` reads back."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def record_of(book: Book, name: str, texts: Mapping[str, str]) -> Record:
    """The record of plain texts by field; ValueError with field and reason."""
    values: dict[str, Value] = {}
    for field, text in texts.items():
        kind = FIELDS[book].get(field)
        if kind and text:
            try:
                values[field] = read_value(kind, text)
            except ValueError as error:
                raise ValueError(f"{field}: {error}") from None
    return Record(name, values)


def missing_fields(book: Book, record: Record) -> list[str]:
    """What a record must say and does not."""
    product = record.text("product")
    asked = REQUIRED_OF_PRODUCT.get(product, _COMMON) if book is Book.OTC else REQUIRED[book]
    return [name for name in asked if record.get(name) is None and name not in open_terms(record)]


def open_terms(record: Record) -> frozenset[str]:
    """The fields that a trade of ours leaves to its confirmation."""
    return frozenset(record.text(OPEN_TERMS).split())


def fields_out_of_range(record: Record) -> list[str]:
    """Fields below zero, or zero, that cannot be."""
    return [
        name
        for name, value in record.values.items()
        if isinstance(value, Decimal)
        if (name in NEVER_NEGATIVE and value < 0) or (name in NEVER_ZERO and value == 0)
    ]


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"expected a number, got {text[:40]!r}") from None
    if not value.is_finite() or "_" in text or value.adjusted() > 30 or value.adjusted() < -30:
        raise ValueError(f"expected a number, got {text[:40]!r}")
    return value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10] if text.endswith("Z") and len(text) == 11 else text)
    except ValueError:
        raise ValueError(f"expected a day as YYYY-MM-DD, got {text[:40]!r}") from None


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected a time as YYYY-MM-DDTHH:MM:SS, got {text[:40]!r}") from None


def _flag(text: str) -> bool:
    if text.lower() not in {"true", "false", "1", "0"}:
        raise ValueError(f"expected true or false, got {text[:40]!r}")
    return text.lower() in {"true", "1"}


def _whole(text: str) -> int:
    if not text.lstrip("-").isdecimal() or len(text) > 9:
        raise ValueError(f"expected a whole number, got {text[:40]!r}")
    return int(text)


_READERS: dict[Kind, Callable[[str], Value]] = {T: str, N: _number, D: _day, C: _time, F: _flag, W: _whole}
