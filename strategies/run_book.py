"""Trades and ledger of a backtest as CSV and as a workbook that says where its figures come from."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from io import BytesIO, StringIO
from typing import Any

import pyarrow as pa

from documents.rendering.sheets import HEAD_ROWS, Column, SheetBook
from lib.text import safe_cell
from strategies.frames import read_frame
from strategies.models import StrategyRun


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a kept table: its name there, its label, how its figures are written (money has cents)."""

    name: str
    label: str
    unit: str

    @property
    def is_number(self) -> bool:
        """False for days and names."""
        return self.unit not in {"date", "text"}

    @property
    def sheet(self) -> Column:
        """The column of a workbook; a sheet's amounts are written whole, so money is a price there."""
        return Column(self.label, {"money": "amount_per_mwh"}.get(self.unit, self.unit), 15 if self.is_number else 13)


TRADES = (
    TableColumn("date", "Day", "date"),
    TableColumn("ident", "Name", "text"),
    TableColumn("shares", "Shares", "count"),
    TableColumn("close", "Close", "money"),
    TableColumn("slippage_bps", "Slippage, bp", "factor"),
    TableColumn("amount", "Amount", "money"),
    TableColumn("commission", "Commission", "money"),
    TableColumn("slippage", "Slippage", "money"),
    TableColumn("left", "Left to trade", "count"),
)
LEDGER = (
    TableColumn("date", "Day", "date"),
    TableColumn("opening", "Cash before", "money"),
    TableColumn("split", "Fractions of splits", "money"),
    TableColumn("dividend", "Dividends", "money"),
    TableColumn("borrow", "Borrow", "money"),
    TableColumn("left", "Names that left", "money"),
    TableColumn("trade", "Trades", "money"),
    TableColumn("commission", "Commission", "money"),
    TableColumn("cash", "Cash after", "money"),
    TableColumn("long", "Long", "money"),
    TableColumn("short", "Short", "money"),
    TableColumn("equity", "Equity", "money"),
)


def csv_of(table: pa.Table, columns: Sequence[TableColumn]) -> bytes:
    """UTF-8 with a mark, for spreadsheets; money with two decimals, names that they would compute with an apostrophe."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([column.label for column in columns])
    rows = zip(*(table[column.name].to_pylist() for column in columns), strict=True)
    writer.writerows([_cell(column, value) for column, value in zip(columns, row, strict=True)] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(column: TableColumn, value: Any) -> str:
    if column.unit == "money":
        # A close may have up to six decimals, an amount has two.
        return f"{value:.6f}".rstrip("0") if round(value, 2) != value else f"{value:.2f}"
    return safe_cell(str(value)) if column.unit == "text" else str(value)


def run_book(run: StrategyRun) -> bytes:
    """Trades, ledger and where they come from."""
    out = BytesIO()
    made_at = run.created_at.astimezone(UTC).replace(tzinfo=None)
    version, currency = run.version, run.version.strategy.desk.currency
    book = SheetBook(out, f"Backtest of {version}", made_at, comment=f"Version {version.content_hash}")
    for name, columns in (("trades", TRADES), ("ledger", LEDGER)):
        table = read_frame(run.summary[name])
        sheet = book.add_sheet(name.capitalize(), f"{name.capitalize()}, amounts in {currency}")
        sheets = [column.sheet for column in columns]
        book.widths(sheet, sheets)
        book.table(
            sheet, HEAD_ROWS, sheets, list(zip(*(table[each.name].to_pylist() for each in columns), strict=True))
        )
    book.about(
        [
            ("Version", f"{version}, SHA-256 {version.content_hash}"),
            *((f"Panel of {kind}", f"SHA-256 {digest}") for kind, digest in sorted(run.datasets.items())),
            ("Engine", run.engine_version),
        ]
    )
    book.close()
    return out.getvalue()
