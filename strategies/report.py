"""An approved strategy as files: weights, orders, figures and compliance, as CSV, Excel, PDF and PowerPoint.

The facts are gathered once; equal facts give equal bytes.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from documents.kinds import presentation
from documents.rendering import render_pdf, render_slides
from documents.rendering.sheets import HEAD_ROWS, Column, SheetBook
from lib.figures import agreed, amount, count, percent, share
from lib.text import safe_cell
from strategies.answers import tear_sheet_of, wanted_weights
from strategies.limit_sets import limits_of
from strategies.models import ComplianceCheck, Decision, ExportForm, PaperOrder, State, StrategyVersion
from strategies.portfolio_facts import amount_of

TEMPLATE = Path(__file__).resolve().parent / "data" / "report.html"
SLIDES = Path(presentation.__file__).resolve().parent / "template.pptx"
TITLE = "Approved strategy"
PAPER = "Paper orders: nothing of this went to a market."
WEIGHT_COLUMNS = (
    Column("Name", width=14), Column("In words", width=30), Column("Sector", width=22), Column("Weight", "rate", 12),
)  # fmt: skip
ORDER_COLUMNS = (
    Column("Name", width=14), Column("Shares", "count", 14), Column("Close", "factor", 14), Column("Day", width=12),
    Column("Amount", "amount", 18), Column("State", width=10),
)  # fmt: skip
FIGURE_COLUMNS = (Column("Figure", width=34), Column("Value", width=20))
REASON_COLUMNS = (Column("Status", width=10), Column("Reason", width=110, wraps=True))
LIMIT_COLUMNS = (Column("Rule", width=46), Column("Limits", width=46))
MOST_ON_A_SLIDE = 12


@dataclass(frozen=True, slots=True)
class Facts:
    """What every form of the report says."""

    version: StrategyVersion
    check: ComplianceCheck
    signed: Decision | None
    weights: list[tuple[str, str, str, float]]
    orders: list[PaperOrder]
    figures: list[tuple[str, str]]
    limits: list[tuple[str, str]]

    @property
    def made_at(self) -> datetime:
        """When the version was signed: the files' own date, the same each time they are made."""
        made = self.signed.created_at if self.signed else self.version.created_at
        return made.astimezone(UTC).replace(microsecond=0)

    @property
    def sources(self) -> list[tuple[str, str]]:
        """Where the figures come from."""
        prices, signed = self.check.inputs["prices"], self.signed
        who = (
            f"{signed.made_by.full_name or signed.made_by.email}: {signed.reason or 'no remark'}"
            if signed
            else "not signed"
        )
        return [
            ("Strategy", f"{self.version}, SHA-256 {self.version.content_hash}"),
            ("Prices", f"Closes of {prices['day']}, SHA-256 {prices['hash']}"),
            ("Limits", f"{self.check.limit_set}, SHA-256 {self.check.limit_set.content_hash}"),
            ("Check", f"{self.check.get_status_display()}, SHA-256 {self.check.inputs_hash}"),
            ("Signed by", who),
        ]


def facts_of(version: StrategyVersion, check: ComplianceCheck) -> Facts:
    """The facts of an approved version."""
    members = {row["ident"]: row for row in version.strategy.universe.members}
    weights = wanted_weights(version)
    signed = Decision.objects.filter(version=version, after=State.APPROVED).select_related("made_by").first()
    return Facts(
        version=version,
        check=check,
        signed=signed,
        weights=[
            (ident, str(members.get(ident, {}).get("name", "")), str(members.get(ident, {}).get("sector", "")), float(weight))
            for ident, weight in weights.items()
        ],
        orders=list(PaperOrder.objects.filter(version=version)),
        figures=figures_of(version),
        limits=limits_of(check.limit_set.content).in_words(),
    )  # fmt: skip


def figures_of(version: StrategyVersion) -> list[tuple[str, str]]:
    """The tear sheet's figures in words; those alone that the backtest has."""
    found = tear_sheet_of(version)
    drawdown = found.get("drawdown") or {}
    shown: list[tuple[str, Any, Callable[[Any], str]]] = [
        ("Return over the whole time", found.get("total_return"), percent),
        ("Return a year", found.get("yearly_return"), percent),
        ("Volatility a year", found.get("volatility"), percent),
        ("Sharpe ratio", found.get("sharpe_ratio"), lambda value: amount(value, 2)),
        ("Deepest fall", drawdown.get("depth_ratio"), percent),
        ("Turnover", found.get("turnover_ratio"), share),
        ("Days", found.get("days"), count),
    ]
    return [(label, show(value)) for label, value, show in shown if value is not None]


def file_of(version: StrategyVersion, check: ComplianceCheck, form: str) -> tuple[str, bytes]:
    """The report's name and content in one form."""
    facts = facts_of(version, check)
    name = "".join(char if char.isascii() and char.isalnum() else "-" for char in version.strategy.name.lower())
    return f"{name}-v{version.number}.{form}", _WRITERS[ExportForm(form)](facts)


def _csv(facts: Facts) -> bytes:
    """A row a name that is held or traded: its weight, and the order beside it."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ("ident", "name", "sector", "weight", "order_shares", "close", "close_date", "order_amount", "order_state")
    )
    orders = {order.ident: order for order in facts.orders}
    rows = {row[0]: row for row in facts.weights}
    for ident in sorted({*rows, *orders}):
        _, name, sector, weight = rows.get(ident, (ident, "", "", 0.0))
        words = [safe_cell(text) for text in (ident, name, sector)]
        order = orders.get(ident)
        traded = (
            (order.shares, f"{order.close:f}", order.close_date, f"{order.amount:f}", order.state)
            if order
            else ("",) * 5
        )
        writer.writerow((*words, f"{weight:.10f}", *traded))
    return out.getvalue().encode("utf-8-sig")


def _workbook(facts: Facts) -> bytes:
    out = BytesIO()
    strategy = facts.version.strategy
    book = SheetBook(
        out,
        f"{TITLE}: {facts.version}",
        facts.made_at.replace(tzinfo=None),
        organisation=strategy.desk.name,
        comment=f"SHA-256 {facts.version.content_hash}",
    )
    sheet = book.add_sheet("Weights", f"Weights of {facts.version}")
    book.widths(sheet, WEIGHT_COLUMNS)
    after = book.table(sheet, HEAD_ROWS, WEIGHT_COLUMNS, facts.weights)
    sheet.write_string(after, 2, "Net", book.styles.of(bold=True))
    net = sum(row[3] for row in facts.weights)
    sheet.write_formula(after, 3, f"=SUM(D{HEAD_ROWS + 2}:D{after})", book.styles.figure("rate", bold=True), net)
    tables: list[tuple[str, str, tuple[Column, ...], list[Any]]] = [
        ("Orders", PAPER, ORDER_COLUMNS, _order_rows(facts)),
        ("Figures", "Figures of the backtest", FIGURE_COLUMNS, facts.figures),
        ("Compliance", f"Check: {facts.check.get_status_display()}", REASON_COLUMNS, _reasons(facts)),
        ("Limits", f"Limits: {facts.check.limit_set}", LIMIT_COLUMNS, facts.limits),
    ]
    for name, title, columns, rows in tables:
        sheet = book.add_sheet(name, title)
        book.widths(sheet, columns)
        book.table(sheet, HEAD_ROWS, columns, rows)
    book.about(facts.sources)
    book.close()
    return out.getvalue()


def _order_rows(facts: Facts) -> list[Any]:
    return [
        (o.ident, o.shares, float(o.close), str(o.close_date), float(o.amount), o.get_state_display()) for o in facts.orders
    ]  # fmt: skip


def _reasons(facts: Facts) -> list[tuple[str, str]]:
    return [(row["status"], row["sentence"]) for row in facts.check.reasons]


def _paper(facts: Facts) -> bytes:
    strategy = facts.version.strategy
    fields = {
        "paper": {
            "title": TITLE,
            "project": strategy.name,
            "organisation": strategy.desk.name,
            "confidentiality": "Private",
            "version": f"Version {facts.version.number}",
            "lineage": facts.version.content_hash,
            "is_draft": False,
            "as_of": facts.made_at.isoformat(),
        },
        "strategy": strategy.name,
        "version": facts.version.number,
        "currency": strategy.desk.currency,
        "invested": float(amount_of(facts.version)),
        "weights": facts.weights,
        "orders": _order_rows(facts),
        "paper_words": PAPER,
        "figures": facts.figures,
        "status": facts.check.get_status_display(),
        "reasons": _reasons(facts),
        "limits": facts.limits,
        "sources": facts.sources,
    }
    return render_pdf(fields, TEMPLATE.read_bytes())


def _slides(facts: Facts) -> bytes:
    strategy, version = facts.version.strategy, facts.version
    source = ". ".join(f"{label}: {told}" for label, told in facts.sources)
    largest = sorted(facts.weights, key=lambda row: (-abs(row[3]), row[0]))[:MOST_ON_A_SLIDE]
    orders = sorted(facts.orders, key=lambda order: (-abs(order.amount), order.ident))[:MOST_ON_A_SLIDE]
    slides = [
        {
            "layout": "Cover",
            "title": strategy.name,
            "subtitle": TITLE,
            "text": [f"{strategy.desk.name}, {facts.made_at:%-d %B %Y}", f"Version {version.number}. Private"],
            "notes": source,
        },
        _slide("Figures of the backtest", ("Figure", "Value"), facts.figures, (3, 2), source, (1,)),
        _slide(
            _of_all("Largest weights", largest, facts.weights),
            ("Name", "In words", "Sector", "Weight"),
            [(ident, name, sector, agreed(weight, "rate")) for ident, name, sector, weight in largest],
            (1.5, 3, 3, 1.5),
            source,
            (3,),
        ),
        _slide(
            _of_all("Largest paper orders", orders, facts.orders),
            ("Name", "Shares", "Close", "Amount", "State"),
            [
                (o.ident, count(o.shares), amount(o.close, 2), amount(o.amount, 2), o.get_state_display())
                for o in orders
            ],
            (1.5, 2, 2, 2.5, 1.5),
            source,
            (1, 2, 3),
        ),
        _slide(
            f"Compliance: {facts.check.get_status_display()}", ("Status", "Reason"),
            _reasons(facts)[:MOST_ON_A_SLIDE], (1, 8), source,
        ),
        _slide(f"Limits: {facts.check.limit_set}", ("Rule", "Limits"), facts.limits, (4, 4), source),
    ]  # fmt: skip
    fields = {
        "title": f"{TITLE}: {strategy.name}",
        "marks": {
            "organisation": strategy.desk.name,
            "words": f"Version {version.number}. Private. SHA-256 {version.content_hash}",
            "foot": f"{strategy.desk.name}. Private. Version {version.number}",
            "is_draft": False,
            "made_at": facts.made_at.replace(tzinfo=None).isoformat(),
        },
        "slides": [slide for slide in slides if slide["layout"] == "Cover" or slide["table"]["rows"]],
    }
    return render_slides(fields, SLIDES.read_bytes())


def _of_all(title: str, shown: list[Any], every: list[Any]) -> str:
    return title if len(shown) == len(every) else f"{title}: {len(shown)} of {len(every)}"


def _slide(
    title: str,
    head: tuple[str, ...],
    rows: list[Any],
    shares: tuple[float, ...],
    notes: str,
    right: tuple[int, ...] = (),
) -> dict[str, Any]:
    table = {"head": list(head), "rows": [list(row) for row in rows], "shares": list(shares), "right": list(right)}
    return {"layout": "Table", "title": title, "table": table, "notes": notes}


_WRITERS: dict[ExportForm, Callable[[Facts], bytes]] = {
    ExportForm.CSV: _csv,
    ExportForm.EXCEL: _workbook,
    ExportForm.PDF: _paper,
    ExportForm.SLIDES: _slides,
}
CONTENT_TYPES = {
    ExportForm.CSV: "text/csv; charset=utf-8",
    ExportForm.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportForm.PDF: "application/pdf",
    ExportForm.SLIDES: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
