"""The report of a determination date: a workbook whose figures are live formulas on the assets, and a paper."""

from __future__ import annotations

from datetime import UTC
from io import BytesIO
from pathlib import Path
from typing import Any

from documents.rendering.pdf import render_pdf
from documents.rendering.sheets import HEAD_ROWS, Column, SheetBook
from engine.portfolios.compliance import Result
from engine.portfolios.measure import par_of
from engine.portfolios.ratings import rating_factor
from portfolios.models import ComplianceRun, Payment
from portfolios.queries import checked, last_payment
from portfolios.views.shown import BADGES, figure, grouped

TEMPLATE = Path(__file__).resolve().parent / "data" / "report.html"
ASSET_COLUMNS = (
    Column("Asset", width=12), Column("Issue", width=34), Column("Issuer", width=12), Column("Moody's industry", width=30),
    Column("Country", width=16), Column("Currency", width=8), Column("Par", "amount", 15), Column("FX", "factor", 8),
    Column("Par in the deal's currency", "amount", 17), Column("In default", width=9), Column("Spread", "rate", 9),
    Column("Recovery", "share", 9), Column("WAL", "years", 8), Column("Rating for WARF", width=10), Column("Factor", "count", 9),
    Column("Market value, %", "factor", 11), Column("Carried at", "share", 10), Column("Carried by", width=22),
)  # fmt: skip
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


def workbook(run: ComplianceRun) -> bytes:
    """Tests, coverage, assets and the last payment; sums and verdicts are formulas, so that a changed cell shows through."""
    pool, terms, found = checked(run)
    out = BytesIO()
    book = SheetBook(
        out,
        f"{run.deal}, {run.snapshot}",
        run.created_at.astimezone(UTC).replace(tzinfo=None),
        comment=f"Pool {run.snapshot.content_hash}",
    )
    first = HEAD_ROWS + 1
    last = first + len(pool.assets)
    tests = book.add_sheet("Tests", f"Tests of {run.snapshot}")
    _tests(book, tests, found.results, first, last)
    _coverage(book, run, found)
    _assets(book, pool, terms, found, first)
    if paid := last_payment(run.deal):
        _payment(book, paid)
    book.about(
        [("Pool", f"{run.snapshot}, SHA-256 {run.snapshot.content_hash}"), ("Limits", f"{run.limit_set}, SHA-256 {run.limit_set.content_hash}"),
         ("Engine", run.engine_version), ("Warnings of the tape", str(len(run.snapshot.warnings)))]
    )  # fmt: skip
    book.close()
    return out.getvalue()


def _tests(book: SheetBook, sheet: Any, results: tuple[Result, ...], first: int, last: int) -> None:
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
        if sums := _live(result, first, last):
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


def _live(result: Result, first: int, last: int) -> tuple[str, str] | None:
    """Numerator and denominator as formulas on the sheet of assets, where one column gives them."""

    def column(letter: str) -> str:
        return f"Assets!${letter}${first + 1}:${letter}${last}"

    alive = f'({column("J")}="No")'
    par = f'=SUMIFS({column("I")},{column("J")},"No")'
    weighted = {33: "L", 35: "M", 36: "O", 54: "O"}
    if result.rule.number in weighted:
        return f"=SUMPRODUCT({alive}*{column('I')}*{column(weighted[result.rule.number])})", par
    if result.rule.number == 14:
        return f'=SUMPRODUCT({alive}*({column("E")}<>"USA")*{column("I")})', ""
    return None


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


def _assets(book: SheetBook, pool: Any, terms: Any, found: Any, first: int) -> None:
    sheet = book.add_sheet("Assets", "Assets")
    book.widths(sheet, ASSET_COLUMNS)
    rows = []
    for line in found.coverage.carrying.lines:
        a = line.asset
        rows.append(
            (a.blkrockid, a.issue_name, a.issuer_id, a.moodys_industry, a.country, a.currency, float(a.deal_par_amount), float(terms.fx[a.currency]),
             None, "Yes" if a.default_obligation else "No", _float(a.coupon_spread), _float(a.moodys_recovery_rate_23), _float(a.wal),
             a.moodys_rating_warf, rating_factor(a.moodys_rating_warf), _float(a.market_value),
             float(line.amount / line.par) if line.par else None, line.rule)
        )  # fmt: skip
    book.table(sheet, HEAD_ROWS, ASSET_COLUMNS, rows)
    for place, line in enumerate(found.coverage.carrying.lines):
        at = first + place + 1
        sheet.write_formula(
            first + place, 8, f"=G{at}*H{at}", book.styles.figure("amount"), float(par_of(line.asset, terms))
        )


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


def paper(run: ComplianceRun) -> bytes:
    """The same as a PDF."""
    _, _, found = checked(run)
    paid = last_payment(run.deal)
    made_at = run.created_at.astimezone(UTC)
    fields = {
        "paper": {
            "title": "Report of a determination date",
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
            for title, lines in grouped(found.results)
        ],
        "classes": [
            {"name": each.terms.name, "balance": float(each.terms.balance), "ratios": [
                {"name": name, "value": figure(1, ratio.value), "trigger": figure(1, ratio.trigger), "verdict": "Pass" if ratio.passed else "Fail" if ratio.passed is False else "Not assessed"}
                for name, ratio in (("OC", each.oc), ("IC", each.ic)) if ratio]}
            for each in found.coverage.classes
        ],
        "payment": {"title": str(paid), "lines": [{**x, "due": _float(x["due"]), "paid": float(x["paid"])} for x in paid.closing["lines"]]} if paid else None,
    }  # fmt: skip
    return render_pdf(fields, TEMPLATE.read_bytes())
