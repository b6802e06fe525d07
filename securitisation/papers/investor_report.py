"""The investor report of a payment date, as a paper and a workbook: what came in, who was paid and why, how it stands.

Its figures are the base case's: a report on actual collections needs the servicer's, which no run has.
"""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any, NamedTuple

from documents.rendering.sheets import HEAD_ROWS, Column, SheetBook
from documents.rendering.steady import steadied
from documents.rendering.templating import in_house_format
from engine.notes.terms import TriggerKind
from lib import figures
from lib.numbers import finite_or_none
from securitisation.papers.facts import NotesFacts
from securitisation.papers.paper import Fields, paper_of
from securitisation.shown import payment_lines

TITLE = "Investor report"
BASIS = "Collections as the base case projects them, not as a servicer reported them."
COLLECTIONS = (
    ("interest", "Interest"), ("scheduled", "Scheduled principal"), ("prepaid", "Early principal"), ("recovered", "Recoveries"),
)  # fmt: skip
LOSSES = (("defaulted", "Defaulted"), ("loss", "Lost"))


class ClassStands(NamedTuple):
    """A class on a payment date; the factor is its closing balance over its first."""

    name: str
    opening_amount: float
    interest_due_amount: float
    interest_amount: float
    deferred_amount: float
    principal_amount: float
    closing_amount: float
    factor_ratio: float


class TriggerStands(NamedTuple):
    """A trigger as it was read before anyone was paid; the margin is how far it is on the good side of its limit."""

    code: str
    value: float | None
    limit: float | None
    margin: float | None
    state: str


def investor_paper(facts: NotesFacts) -> bytes:
    """The report as a PDF."""
    return paper_of(facts, TITLE, "investor_report.html", lambda: _fields(facts))


def _fields(facts: NotesFacts) -> Fields:
    return {
        "number": facts.period,
        "count": len(facts.result.periods),
        "day": facts.payment_date,
        "basis": BASIS,
        "collections": collections_of(facts),
        "available": available_of(facts),
        "pool": pool_stands(facts),
        "classes": [each._asdict() for each in class_stands(facts)],
        "triggers": [each._asdict() for each in trigger_stands(facts)],
        "triggers_told": {each["code"]: each for each in facts.triggers},
        "reserve": reserve_of(facts),
        "lines": [each._asdict() for each in payment_lines(facts.payments())],
    }


def _at(facts: NotesFacts, name: str) -> float:
    return float(facts.result.pool.of(name)[facts.period - 1])


def collections_of(facts: NotesFacts) -> list[tuple[str, float]]:
    """What the pool paid in the period, line by line."""
    return [(label, _at(facts, name)) for name, label in COLLECTIONS]


def available_of(facts: NotesFacts) -> float:
    """All of it."""
    return sum(amount for _, amount in collections_of(facts))


def pool_stands(facts: NotesFacts) -> list[tuple[str, float, str]]:
    """The pool's performance with the unit of each figure: balances, this period's losses, all since closing."""
    m = facts.period
    first = float(facts.result.pool.of("opening")[0])
    closing = _at(facts, "closing")
    since = {name: float(facts.result.pool.of(name)[:m].sum()) for name, _ in LOSSES}
    return [
        ("Balance at the beginning", _at(facts, "opening"), "amount"),
        *((f"{label} in the period", _at(facts, name), "amount") for name, label in LOSSES),
        ("Balance at the end, performing", closing, "amount"),
        ("Recoveries still to come", _at(facts, "pending"), "amount"),
        ("Paid late, still to come", _at(facts, "late"), "amount"),
        ("Pool factor", closing / first, "share"),
        *((f"{label} since closing, of the first balance", since[name] / first, "rate") for name, label in LOSSES),
    ]


def class_stands(facts: NotesFacts, period: int | None = None) -> list[ClassStands]:
    """Each class on the date."""
    result, m = facts.result, (period or facts.period) - 1
    found = []
    for k, each in enumerate(facts.deal.structure.classes):
        closing = float(result.closing[k, m])
        found.append(
            ClassStands(
                name=each.name,
                opening_amount=float(result.opening[k, m]),
                interest_due_amount=float(result.interest_due[k, m]),
                interest_amount=float(result.interest_paid[k, m]),
                deferred_amount=float(result.deferred[k, m]),
                principal_amount=float(result.principal_paid[k, m]),
                closing_amount=closing,
                factor_ratio=closing / each.balance_amount,
            )
        )
    return found


def trigger_stands(facts: NotesFacts, period: int | None = None) -> list[TriggerStands]:
    """Each trigger on the date."""
    result, m, found = facts.result, (period or facts.period) - 1, []
    for k, each in enumerate(result.structure.triggers):
        state = "Breached" if result.trigger_breached[k, m] else "Holds"
        value = finite_or_none(float(result.trigger_value[k, m]))
        if each.kind in {TriggerKind.ANY, TriggerKind.DATE, TriggerKind.LEGAL_FINAL} or value is None:
            found.append(TriggerStands(each.code, None, None, None, state))
            continue
        margin = each.limit - value if each.kind is TriggerKind.CUMULATIVE_LOSS else value - each.limit
        found.append(TriggerStands(each.code, value, each.limit, margin, state))
    return found


def reserve_of(facts: NotesFacts) -> Fields:
    """The reserve before and after the date."""
    held, m = facts.result.reserve, facts.period - 1
    before = float(held[m - 1]) if m else facts.deal.structure.reserve.initial_amount
    return {"before": before, "after": float(held[m]), "terms": dict(facts.terms)["Reserve"]}


# The workbook

HISTORY = (
    Column("Payment date", "date", 14), *(Column(label, "amount", 16) for _, label in (*COLLECTIONS, *LOSSES)),
    Column("Pool at the end", "amount", 18), Column("Pool factor", "share", 12), Column("Reserve", "amount", 14), Column("To equity", "amount", 14),
)  # fmt: skip
CLASS_COLUMNS = (
    Column("Payment date", "date", 14), Column("Class", width=14), *(Column(label, "amount", 16) for label in (
        "Opening", "Interest due", "Interest paid", "Deferred", "Principal paid", "Closing",
    )), Column("Factor", "factor", 12),
)  # fmt: skip
LINE_COLUMNS = (
    Column("Line", width=64, wraps=True), Column("Due", "amount", 16), Column("Available", "amount", 16), Column("Paid", "amount", 16),
    Column("Why", width=60, wraps=True),
)  # fmt: skip
TRIGGER_COLUMNS = (
    Column("Payment date", "date", 14), Column("Trigger", width=16), Column("Read", "factor", 12), Column("Limit", "factor", 12),
    Column("Margin", "factor", 12), Column("State", width=12),
)  # fmt: skip
FIGURE_COLUMNS = (Column("Figure", width=46), Column("Value", width=20))


def investor_workbook(facts: NotesFacts) -> bytes:
    """The report as a workbook, with every date up to its own."""
    return in_house_format(_workbook)(facts)


def _workbook(facts: NotesFacts) -> bytes:
    out, marks = BytesIO(), facts.marks
    mark = f"{TITLE}: {facts.title}, {facts.payment_date:%-d %B %Y}. {marks.version_words}"
    book = SheetBook(out, mark, facts.made_at.replace(tzinfo=None), organisation=marks.organisation, comment=f"{marks.confidentiality}. {facts.lineage}")  # fmt: skip
    shown = range(1, facts.period + 1)
    triggers: list[tuple[Any, ...]] = [
        (_day(facts, m), each.code, each.value, each.limit, each.margin, each.state)
        for m in shown
        for each in trigger_stands(facts, m)
    ]
    tables: tuple[tuple[str, str, tuple[Column, ...], list[Any]], ...] = (
        ("Report", BASIS, FIGURE_COLUMNS, _summary(facts)),
        ("Classes", "Classes by payment date", CLASS_COLUMNS, [(_day(facts, m), *each) for m in shown for each in class_stands(facts, m)]),
        ("Priority", "What each line was paid, and why", LINE_COLUMNS, [each[:5] for each in payment_lines(facts.payments())]),
        ("Pool", "Collections and losses by payment date", HISTORY, [_history(facts, m) for m in shown]),
        ("Triggers", "Triggers by payment date", TRIGGER_COLUMNS, triggers),
    )  # fmt: skip
    for name, title, columns, rows in tables:
        sheet = book.add_sheet(name, title)
        book.widths(sheet, columns)
        book.table(sheet, HEAD_ROWS, columns, rows)
    book.about([*facts.about, ("Standing", marks.version_words)])
    book.close()
    return steadied(out.getvalue())


def _day(facts: NotesFacts, period: int) -> date:
    return facts.result.periods[period - 1]


def _summary(facts: NotesFacts) -> list[tuple[str, str]]:
    reserve = reserve_of(facts)
    return [
        ("Payment date", f"{facts.payment_date:%-d %B %Y}, {facts.period} of {len(facts.result.periods)}"),
        *((label, figures.amount(amount, 2)) for label, amount in collections_of(facts)),
        ("All collections", figures.amount(available_of(facts), 2)),
        *((label, figures.amount(value, 2) if unit == "amount" else figures.in_unit(value, unit)) for label, value, unit in pool_stands(facts)),
        ("Reserve before", figures.amount(reserve["before"], 2)),
        ("Reserve after", figures.amount(reserve["after"], 2)),
        *((f"{each.name}, factor", figures.factor(round(each.factor_ratio, 6))) for each in class_stands(facts)),
    ]  # fmt: skip


def _history(facts: NotesFacts, period: int) -> tuple[Any, ...]:
    result, m = facts.result, period - 1
    pool = result.pool
    paid = (float(pool.of(name)[m]) for name, _ in (*COLLECTIONS, *LOSSES))
    closing = float(pool.of("closing")[m])
    return (
        _day(facts, period), *paid, closing, closing / float(pool.of("opening")[0]), float(result.reserve[m]), float(result.residual[m]),
    )  # fmt: skip
