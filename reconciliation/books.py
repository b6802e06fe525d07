"""The records of a run, out of the files of its day, as the engine takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from engine.reconciliation.listed import net_positions
from engine.reconciliation.records import Book, Record, record_of
from engine.reconciliation.terms import Terms
from reconciliation.models import BookRecord, ReconciliationRun, Role, What
from reconciliation.queries import files_of_day

CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Known:
    """What the house knows of a record besides its values."""

    pk: int
    reference: str
    party: str
    role: str


@dataclass(slots=True)
class Books:
    """The records of a run by role, and by id what is known of each; a net position is known by its trades."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    by_id: dict[str, Record] = field(default_factory=dict)
    parts: dict[str, list[str]] = field(default_factory=dict)

    def of(self, role: str) -> list[Record]:
        """The records of one role."""
        return self.records.get(role, [])

    @property
    def external(self) -> list[Record]:
        """Everything that others sent."""
        return [*self.of(Role.BROKER), *self.of(Role.CCP)]

    def pks(self, name: str) -> list[int]:
        """The rows behind a record of the engine's."""
        return [self.known[part].pk for part in self.parts.get(name, [name])]

    def reference(self, name: str) -> str:
        """What the record is known by in every file."""
        return name if name in self.parts else self.known[name].reference

    def party(self, name: str) -> str:
        """Whose record it is."""
        record = self.by_id[name]
        return (
            record.text("counterparty")
            or record.text("broker")
            or (self.known[name].party if name in self.known else "")
        )


def books_of(run: ReconciliationRun) -> Books:
    """All records that the run compares."""
    books = Books()
    files = files_of_day(run.definition.sources.all(), run.business_date)
    rows = BookRecord.objects.filter(file__in=files).order_by("file__received_at", "pk")
    columns = ("pk", "reference", "values", "file__source__role", "file__source__party", "file__source__book")
    for pk, reference, values, role, party, book in rows.values_list(*columns).iterator(chunk_size=CHUNK):
        record = record_of(Book(book), str(pk), values)
        books.records.setdefault(role, []).append(record)
        books.known[record.id], books.by_id[record.id] = Known(pk, reference, party, role), record
    if run.definition.what == What.POSITIONS:
        _net(books)
    return books


def _net(books: Books) -> None:
    """Our trades become net positions at our settlement prices."""
    prices = {(e.text("symbol"), e.text("expiry")): e.number("price") for e in books.of(Role.PRICES)}
    trades = books.of(Role.INTERNAL)
    positions = net_positions(trades, prices)
    books.records[Role.INTERNAL] = positions
    books.by_id.update({each.id: each for each in positions})
    for trade in trades:
        name = f"{trade.text('account')} {trade.text('symbol')} {trade.text('expiry')}"
        books.parts.setdefault(name, []).append(trade.id)


def amount_of(records: Iterable[Record], terms: Terms) -> tuple[Decimal, str]:
    """The largest amount that records are about, and its currency."""
    found = [(_amount(record, terms), record.text("currency")) for record in records]
    return max(found, default=(Decimal(0), ""))


def _amount(record: Record, terms: Terms) -> Decimal:
    if record.get("notional") is not None:
        return abs(record.number("notional"))
    if record.get("amount") is not None:
        return abs(record.number("amount"))
    product = terms.products.get(record.text("symbol"))
    lots = record.number("quantity") or record.number("net")
    return abs(lots * record.number("price") * (product.multiplier if product else 1))


def reference_of(book: Book, values: Mapping[str, str], fallback: str) -> str:
    """What a record is known by in every file: the first name that it has."""
    names = {
        Book.OTC: ("uti", "trade_id", "their_id"),
        Book.LISTED: ("trade_id", "line", "report_id"),
        Book.CASH: ("id", "line"),
        Book.POSITION: (),
    }[book]
    if book is Book.POSITION:
        return " ".join(values.get(name, "") for name in ("account", "symbol", "expiry")).strip()[:120]
    return next((values[name] for name in names if values.get(name)), fallback)[:120]
