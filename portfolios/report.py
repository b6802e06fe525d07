"""The report of a determination date: a workbook whose figures are live formulas on the assets, and a paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC
from io import BytesIO
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from documents.rendering import render_pdf
from documents.rendering.sheets import HEAD_ROWS, Column, SheetBook
from engine.portfolios.compliance import Result
from engine.portfolios.measure import par_of
from engine.portfolios.ratings import rating_factor
from engine.portfolios.rules import group_of
from lib.figures import amount, percent
from portfolios.models import ComplianceRun, Payment
from portfolios.queries import checked, last_payment
from portfolios.views.shown import BADGES, GROUP_TITLES, figure, grouped

TEMPLATE = Path(__file__).resolve().parent / "data" / "report.html"
SECTIONS = {
    "coverage": "Coverage by class", "concentration": "Concentration tests", "quality": "Quality tests",
    "collateral": "Coverage tests", "payment": "Last payment date, every step", "assets": "Assets",
}  # fmt: skip
# What a column of the assets shows of a line of the carrying values; `par` is a formula where what it multiplies is there.
ASSET_COLUMNS: dict[str, tuple[Column, Callable[[Any, Any], Any]]] = {
    "id": (Column("Asset", width=12), lambda x, t: x.asset.blkrockid),
    "issue": (Column("Issue", width=34), lambda x, t: x.asset.issue_name),
    "issuer": (Column("Issuer", width=12), lambda x, t: x.asset.issuer_id),
    "industry": (Column("Moody's industry", width=30), lambda x, t: x.asset.moodys_industry),
    "country": (Column("Country", width=16), lambda x, t: x.asset.country),
    "currency": (Column("Currency", width=8), lambda x, t: x.asset.currency),
    "own_par": (Column("Par", "amount", 15), lambda x, t: float(x.asset.deal_par_amount)),
    "fx": (Column("FX", "factor", 8), lambda x, t: float(t.fx[x.asset.currency])),
    "par": (Column("Par in the deal's currency", "amount", 17), lambda x, t: float(par_of(x.asset, t))),
    "defaulted": (Column("In default", width=9), lambda x, t: "Yes" if x.asset.default_obligation else "No"),
    "spread": (Column("Spread", "rate", 9), lambda x, t: _float(x.asset.coupon_spread)),
    "recovery": (Column("Recovery", "share", 9), lambda x, t: _float(x.asset.moodys_recovery_rate_23)),
    "wal": (Column("WAL", "years", 8), lambda x, t: _float(x.asset.wal)),
    "rating": (Column("Rating for WARF", width=10), lambda x, t: x.asset.moodys_rating_warf),
    "factor": (Column("Factor", "count", 9), lambda x, t: rating_factor(x.asset.moodys_rating_warf)),
    "price": (Column("Market value, %", "factor", 11), lambda x, t: _float(x.asset.market_value)),
    "carried": (Column("Carried at", "share", 10), lambda x, t: float(x.amount / x.par) if x.par else None),
    "rule": (Column("Carried by", width=22), lambda x, t: x.rule),
    "maturity": (Column("Maturity", width=12), lambda x, t: str(x.asset.maturity or "")),
    "s_p_rating": (Column("S&P rating", width=10), lambda x, t: x.asset.s_p_facility_rating),
    "s_p_industry": (Column("S&P industry", width=30), lambda x, t: x.asset.s_p_industry),
    "seniority": (Column("Seniority", width=18), lambda x, t: x.asset.seniority),
    "coupon": (Column("Coupon", "rate", 9), lambda x, t: _float(x.asset.coupon)),
    "bought_at": (Column("Purchase price, %", "factor", 11), lambda x, t: _float(x.asset.purchase_price_pct)),
}
USUAL_COLUMNS = tuple(ASSET_COLUMNS)[:18]
TEST_COLUMNS = (
    Column("No.", "count", 6), Column("Test", width=36), Column("Limit", width=6), Column("Threshold", "factor", 14),
    Column("Numerator", "amount", 20), Column("Denominator", "amount", 20), Column("Value", "factor", 14),
    Column("Verdict", width=22), Column("Margin", "factor", 14), Column("Coverage", "share", 10),
)  # fmt: skip
CLASS_COLUMNS = (
    Column("Class", width=8), Column("Balance", "amount", 16), Column("Cumulative", "amount", 16), Column("Adjusted collateral", "amount", 18),
    Column("OC", "share", 11), Column("Trigger", "share", 10), Column("Verdict", width=12), Column("Interest due", "amount", 14),
    Column("Cumulative interest", "amount", 16), Column("Income after fees", "amount", 16), Column("IC", "share", 11),
    Column("IC trigger", "share", 10), Column("IC verdict", width=12), Column("Cure from interest", "amount", 16),
    Column("Cure from principal", "amount", 16),
)  # fmt: skip
EXACT = "0.000000"
MOST_PAPER_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """What a report holds: sections, and columns of the assets in their order."""

    name: str = ""
    sections: tuple[str, ...] = tuple(SECTIONS)
    columns: tuple[str, ...] = USUAL_COLUMNS

    def letter(self, column: str) -> str:
        """The column's letter on the sheet of assets; empty where it is not there."""
        return xl_col_to_name(self.columns.index(column)) if self.shows(column) else ""

    def shows(self, *columns: str) -> bool:
        """True where the sheet of assets is there with all of these."""
        return "assets" in self.sections and set(columns) <= set(self.columns)


WHOLE = Layout()
SHORT = Layout(sections=tuple(name for name in SECTIONS if name != "assets"))
GROUP_SECTIONS = {"concentration": "concentration", "quality": "quality", "coverage": "collateral"}


def workbook(run: ComplianceRun, layout: Layout = WHOLE) -> bytes:
    """The sections as sheets; sums and verdicts are formulas, so that a changed cell shows through."""
    pool, terms, found = checked(run)
    out = BytesIO()
    book = SheetBook(
        out,
        f"{run.deal}, {run.snapshot}",
        run.created_at.astimezone(UTC).replace(tzinfo=None),
        comment=f"Pool {run.snapshot.content_hash}",
    )
    rows = (HEAD_ROWS + 1, HEAD_ROWS + 1 + len(pool.assets))
    groups = {name for name, section in GROUP_SECTIONS.items() if section in layout.sections}
    results = tuple(result for result in found.results if group_of(result.rule.number) in groups)
    if results:
        _tests(book, book.add_sheet("Tests", f"Tests of {run.snapshot}"), results, layout, *rows)
    if "coverage" in layout.sections:
        _coverage(book, run, found)
    if "assets" in layout.sections:
        _assets(book, terms, found, layout, rows[0])
    paid = last_payment(run.deal)
    if paid and "payment" in layout.sections:
        _payment(book, paid)
    book.about(
        [*((("Report", layout.name),) if layout.name else ()),
         ("Pool", f"{run.snapshot}, SHA-256 {run.snapshot.content_hash}"), ("Limits", f"{run.limit_set}, SHA-256 {run.limit_set.content_hash}"),
         ("Engine", run.engine_version), ("Warnings of the tape", str(len(run.snapshot.warnings)))]
    )  # fmt: skip
    book.close()
    return out.getvalue()


def _tests(book: SheetBook, sheet: Any, results: tuple[Result, ...], layout: Layout, first: int, last: int) -> None:
    book.widths(sheet, TEST_COLUMNS)
    rows = [
        (
            r.rule.number,
            r.rule.name,
            r.limit.sense,
            _float(r.threshold),
            float(r.numerator),
            float(r.denominator),
            None,
            "",
            None,
            float(r.coverage_ratio),
        )
        for r in results
    ]
    book.table(sheet, HEAD_ROWS, TEST_COLUMNS, rows)
    plain, text = book.styles.of(num_format=EXACT, align="right"), book.styles.of()
    for place, result in enumerate(results):
        row = HEAD_ROWS + 1 + place
        at = row + 1
        if sums := _live(result, layout, first, last):
            for column, formula in zip((4, 5), sums, strict=True):
                if formula:
                    value = float((result.numerator, result.denominator)[column - 4])
                    sheet.write_formula(row, column, formula, book.styles.figure("amount"), value)
        if result.value is None:
            sheet.write_string(row, 7, BADGES[result.status.value][1], text)
            continue
        sheet.write_formula(row, 6, f"=IF(F{at}=0,0,E{at}/F{at})", plain, float(result.value))
        sign = "<=" if result.limit.sense == "max" else ">="
        if result.threshold is None or result.status.value in {"maintained or improved", "not assessed"}:
            sheet.write_string(row, 7, BADGES[result.status.value][1], text)
        else:
            sheet.write_formula(row, 7, f'=IF(G{at}{sign}D{at},"Pass","Fail")', text, BADGES[result.status.value][1])
            margin = f"=D{at}-G{at}" if result.limit.sense == "max" else f"=G{at}-D{at}"
            sheet.write_formula(row, 8, margin, plain, float(result.margin or 0))


def _live(result: Result, layout: Layout, first: int, last: int) -> tuple[str, str] | None:
    """Numerator and denominator as formulas on the sheet of assets, where its columns give them."""

    def column(name: str) -> str:
        letter = layout.letter(name)
        return f"Assets!${letter}${first + 1}:${letter}${last}"

    factor = {33: "recovery", 35: "wal", 36: "factor", 54: "factor"}.get(result.rule.number)
    needed = {factor} if factor else {"country"} if result.rule.number == 14 else None
    if needed is None or not layout.shows("par", "defaulted", *needed):
        return None
    alive = f'({column("defaulted")}="No")'
    if factor:
        par = f'=SUMIFS({column("par")},{column("defaulted")},"No")'
        return f"=SUMPRODUCT({alive}*{column('par')}*{column(factor)})", par
    return f'=SUMPRODUCT({alive}*({column("country")}<>"USA")*{column("par")})', ""


def _coverage(book: SheetBook, run: ComplianceRun, found: Any) -> None:
    sheet = book.add_sheet("Coverage", "Coverage tests")
    book.widths(sheet, CLASS_COLUMNS)
    adjusted, income = (
        float(found.coverage.carrying.adjusted_amount),
        float(found.coverage.interest_collections - found.coverage.senior_fees),
    )
    rows = []
    for each in found.coverage.classes:
        cures = each.oc_cures
        rows.append(
            (each.terms.name, float(each.terms.balance + each.terms.deferred), None, adjusted, None, _float(each.terms.oc_trigger), "",
             float(each.interest_due), None, income, None, _float(each.terms.ic_trigger), "",
             float(cures.from_interest) if cures else None, _float(cures.from_principal) if cures else None)
        )  # fmt: skip
    book.table(sheet, HEAD_ROWS, CLASS_COLUMNS, rows)
    for place, each in enumerate(found.coverage.classes):
        _ratios(book, sheet, HEAD_ROWS + 1 + place, each)


def _ratios(book: SheetBook, sheet: Any, row: int, each: Any) -> None:
    at, top = row + 1, HEAD_ROWS + 2
    money, share, text = (
        book.styles.figure("amount"),
        book.styles.of(num_format="0.0000%", align="right"),
        book.styles.of(),
    )
    sheet.write_formula(row, 2, f"=SUM(B${top}:B{at})", money, float(each.cumulative_balance))
    sheet.write_formula(row, 8, f"=SUM(H${top}:H{at})", money, float(each.cumulative_interest))
    for ratio, letters, columns in ((each.oc, ("D", "C", "F"), (4, 6)), (each.ic, ("J", "I", "L"), (10, 12))):
        if ratio is None or ratio.value is None:
            continue
        above, below, trigger = letters
        sheet.write_formula(row, columns[0], f"={above}{at}/{below}{at}", share, float(ratio.value))
        value = "E" if columns[0] == 4 else "K"
        sheet.write_formula(
            row, columns[1], f'=IF({value}{at}>={trigger}{at},"Pass","Fail")', text, "Pass" if ratio.passed else "Fail"
        )


def _assets(book: SheetBook, terms: Any, found: Any, layout: Layout, first: int) -> None:
    sheet = book.add_sheet("Assets", "Assets")
    columns = tuple(ASSET_COLUMNS[name][0] for name in layout.columns)
    book.widths(sheet, columns)
    lines = found.coverage.carrying.lines
    book.table(sheet, HEAD_ROWS, columns, _asset_rows(lines, terms, layout))
    if layout.shows("par", "own_par", "fx"):
        style, place = book.styles.figure("amount"), layout.columns.index("par")
        own, fx = layout.letter("own_par"), layout.letter("fx")
        for row, line in enumerate(lines, first):
            value = float(par_of(line.asset, terms))
            sheet.write_formula(row, place, f"={own}{row + 1}*{fx}{row + 1}", style, value)


def _asset_rows(lines: Any, terms: Any, layout: Layout) -> list[tuple[Any, ...]]:
    return [tuple(ASSET_COLUMNS[name][1](line, terms) for name in layout.columns) for line in lines]


def _payment(book: SheetBook, paid: Payment) -> None:
    columns = (
        Column("Step", width=8),
        Column("What", width=46),
        Column("Due", "amount", 18),
        Column("Paid", "amount", 18),
        Column("From", width=11),
        Column("Why", width=90),
    )
    sheet = book.add_sheet("Payment", str(paid))
    book.widths(sheet, columns)
    rows = [
        (x["label"], x["what"], _float(x["due"]), float(x["paid"]), x["source"], x["reason"])
        for x in paid.closing["lines"]
    ]
    after = book.table(sheet, HEAD_ROWS, columns, rows)
    sheet.write_string(after, 1, "Paid in all", book.styles.of(bold=True))
    total = sum(float(x["paid"]) for x in paid.closing["lines"])
    sheet.write_formula(after, 3, f"=SUM(D{HEAD_ROWS + 2}:D{after})", book.styles.figure("amount", bold=True), total)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def paper(run: ComplianceRun, layout: Layout = SHORT) -> bytes:
    """The sections as a PDF; of the assets the first columns, as many as a page is wide."""
    _, terms, found = checked(run)
    paid = last_payment(run.deal) if "payment" in layout.sections else None
    titles = {GROUP_TITLES[name] for name, section in GROUP_SECTIONS.items() if section in layout.sections}
    narrow = replace(layout, columns=layout.columns[:MOST_PAPER_COLUMNS])
    made_at = run.created_at.astimezone(UTC)
    fields = {
        "paper": {
            "title": layout.name or "Report of a determination date",
            "project": run.deal.name,
            "organisation": run.deal.manager_name,
            "confidentiality": "Private",
            "version": str(run.snapshot),
            "lineage": run.snapshot.content_hash,
            "is_draft": False,
            "as_of": made_at.isoformat(),
        },
        "deal": run.deal.name,
        "pool": str(run.snapshot),
        "hash": run.snapshot.content_hash,
        "limits": str(run.limit_set),
        "engine": run.engine_version,
        "currency": run.deal.currency,
        "par": float(found.base.performing_par),
        "cash": float(found.base.principal_cash),
        "adjusted": float(found.coverage.carrying.adjusted_amount),
        "groups": [
            {"title": title, "lines": [{"number": x.number, "name": x.result.rule.name, "value": x.value, "threshold": x.threshold, "margin": x.margin, "verdict": x.verdict} for x in lines]}
            for title, lines in grouped(found.results) if title in titles
        ],
        "classes": [
            {"name": each.terms.name, "balance": float(each.terms.balance), "ratios": [
                {"name": name, "value": figure(1, ratio.value), "trigger": figure(1, ratio.trigger), "verdict": "Pass" if ratio.passed else "Fail" if ratio.passed is False else "Not assessed"}
                for name, ratio in (("OC", each.oc), ("IC", each.ic)) if ratio]}
            for each in found.coverage.classes if "coverage" in layout.sections
        ],
        "assets": {
            "columns": [ASSET_COLUMNS[name][0].label for name in narrow.columns],
            "rows": [[_shown(ASSET_COLUMNS[name][0].unit, cell) for name, cell in zip(narrow.columns, row, strict=True)]
                     for row in _asset_rows(found.coverage.carrying.lines, terms, narrow)],
        } if "assets" in layout.sections else None,
        "payment": {"title": str(paid), "lines": [{**x, "due": _float(x["due"]), "paid": float(x["paid"])} for x in paid.closing["lines"]]} if paid else None,
    }  # fmt: skip
    return render_pdf(fields, TEMPLATE.read_bytes())


def _shown(unit: str, cell: Any) -> str:
    """A cell of the assets on paper."""
    if unit == "text":
        return str(cell or "")
    return percent(cell) if unit in {"rate", "share"} else amount(cell, 0 if unit in {"amount", "count"} else 2)
