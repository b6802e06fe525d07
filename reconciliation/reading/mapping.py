"""Files of any layout by mapping: what each field is made of, said once for a source's files.

A path is a column's name or its number (#3), an XPath, or names down a JSON object. Formats: a date's directives (%d.%m.%Y),
`32nds` (110-165 is 110 and 16.5 of 32), `sign` (the side a signed number tells), `abs`, `contract_root` and
`contract_month` (ZNU6 is ZN, September 2026).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.reconciliation.records import FIELDS, Book, Kind, Value, read_value, shown
from reconciliation.reading.fix import utc_text
from reconciliation.reading.outcome import Unreadable

Get = Callable[[str], str | None]
LAYOUTS = ("csv", "xlsx", "xml", "json")
FORMATS = ("32nds", "sign", "abs", "contract_root", "contract_month")
MONTH_CODES = {code: number for number, code in enumerate("FGHJKMNQUVXZ", start=1)}
CONTRACT = re.compile(r"^([A-Z0-9]{1,6}?)([FGHJKMNQUVXZ])(\d{1,2})$")
FRACTION = re.compile(r"^(-?\d+)-(\d{2})([0257])$")
EIGHTHS = {"0": Decimal(0), "2": Decimal("0.25"), "5": Decimal("0.5"), "7": Decimal("0.75")}


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Where one field stands and how it is written; `values` turn words of the source into ours."""

    field: str
    path: str
    format: str = ""
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    zone: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of a source's files: `record` finds the records, `trailer` the line that counts them."""

    book: Book
    layout: str
    fields: tuple[FieldRule, ...]
    record: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ","
    has_header: bool = True
    trailer: str = ""
    trailer_count: int = 0
    trailer_net: int = 0


# Trades that this house writes itself: every field under its own name.
HOUSE_LAYOUT = Layout(Book.OTC, "csv", tuple(FieldRule(name, name) for name in FIELDS[Book.OTC]))


def values_of(mapping: Layout, get: Get) -> Mapping[str, Value]:
    """The record's values by field; Unreadable for the first that cannot be read."""
    found: dict[str, Value] = {}
    for rule in mapping.fields:
        said = get(rule.path) if rule.path else ""
        text = (said or "").strip() or rule.default
        if text:
            found[rule.field] = _value(mapping, rule, text, get, found)
    return found


def _value(mapping: Layout, rule: FieldRule, text: str, get: Get, before: Mapping[str, Value]) -> Value:
    kind = FIELDS[mapping.book][rule.field]
    try:
        text = _translated(rule, text)
        return read_value(kind, _plain(mapping, rule, kind, text, get, before))
    except (ValueError, ArithmeticError) as error:
        raise Unreadable("FIELD_UNREADABLE", rule.field, f"{rule.field}: {error}.") from None


def _translated(rule: FieldRule, text: str) -> str:
    if not rule.values:
        return text
    if text not in rule.values:
        raise ValueError(f"expected {', '.join(rule.values)}, got {text[:40]!r}")
    return rule.values[text]


def _plain(mapping: Layout, rule: FieldRule, kind: Kind, text: str, get: Get, before: Mapping[str, Value]) -> str:
    """The text as `read_value` takes it."""
    if kind is Kind.NUMBER:
        return shown(_number(mapping, rule, text))
    if kind is Kind.TIME:
        return _utc(rule, text, get)
    if kind is Kind.DATE and rule.format:
        return _strptime(text, rule.format).date().isoformat()
    return _word(mapping, rule, text, before)


def _word(mapping: Layout, rule: FieldRule, text: str, before: Mapping[str, Value]) -> str:
    if not rule.format:
        return text
    if rule.format == "sign":
        return "SELL" if number(text, mapping.decimal, mapping.thousands) < 0 else "BUY"
    if rule.format in {"contract_root", "contract_month"}:
        return contract(text, before.get("trade_date"))[rule.format == "contract_month"]
    return _strptime(text.title(), rule.format).strftime("%Y%m")


def _number(mapping: Layout, rule: FieldRule, text: str) -> Decimal:
    value = fraction(text) if rule.format == "32nds" else number(text, mapping.decimal, mapping.thousands)
    return abs(value) if rule.format == "abs" else value


def _strptime(text: str, directives: str) -> datetime:
    try:
        return datetime.strptime(text, directives)  # noqa: DTZ007 - a day or a month, no moment
    except ValueError:
        raise ValueError(f"expected {directives}, got {text[:40]!r}") from None


def _utc(rule: FieldRule, text: str, get: Get) -> str:
    """The time in UTC: by its own offset, else by the zone that the rule names or finds in the record."""
    if rule.format:
        text = _strptime(text, rule.format).isoformat()
    zone = rule.zone and (rule.zone if "/" in rule.zone and "@" not in rule.zone else get(rule.zone) or "")
    if not zone:
        return utc_text(text)
    try:
        time = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"expected a time and a time zone, got {text[:40]!r} in {zone[:40]!r}") from None
    return time.astimezone(UTC).replace(tzinfo=None).isoformat()


def number(text: str, decimal: str = ".", thousands: str = ",") -> Decimal:
    """A number with separators where they belong; in parentheses it is below zero.

    >>> number("1.250,5", ",", ".")
    Decimal('1250.5')
    """
    inner, is_negative = text.strip(), False
    if inner.startswith("(") and inner.endswith(")"):
        inner, is_negative = inner[1:-1].strip(), True
    group, point = re.escape(thousands), re.escape(decimal)
    grouped = rf"\d{{1,3}}(?:{group}\d{{3}})+|" if thousands else ""
    if not re.fullmatch(rf"[+-]?(?:{grouped}\d+)(?:{point}\d+)?", inner):
        raise ValueError(f"expected a number with {decimal!r} before decimals, got {text[:40]!r}")
    plain = (inner.replace(thousands, "") if thousands else inner).replace(decimal, ".")
    return -Decimal(plain) if is_negative else Decimal(plain)


def fraction(text: str) -> Decimal:
    """A price in 32nds whose last digit is a part of one.

    >>> fraction("110-165")
    Decimal('110.515625')
    """
    found = FRACTION.match(text.strip())
    if not found or int(found.group(2)) > 31:
        raise ValueError(f"expected a price in 32nds as 110-165, got {text[:40]!r}")
    whole, parts, rest = found.groups()
    return Decimal(whole) + (Decimal(parts) + EIGHTHS[rest]) / 32


def contract(text: str, traded: Value | None) -> tuple[str, str]:
    """Product and expiry month of a contract's code; its year is the next of its digits from the trade on.

    >>> contract("ZNU6", date(2026, 6, 15))
    ('ZN', '202609')
    """
    found = CONTRACT.match(text.strip().upper())
    if not found:
        raise ValueError(f"expected a contract as ZNU6, got {text[:40]!r}")
    if not isinstance(traded, date):
        raise ValueError(  # noqa: TRY004 - of the row, not of the programmer
            f"the year of {text[:40]!r} needs the trade date"
        )
    root, month, digits = found.groups()
    span = 10 ** len(digits)
    year = traded.year - traded.year % span + int(digits)
    year += span if (year, MONTH_CODES[month]) < (traded.year, traded.month) else 0
    return root, f"{year}{MONTH_CODES[month]:02d}"
