"""The second sheet: the figures a term sheet quotes, and the charts."""

from __future__ import annotations

from documents.brand import PALETTE
from documents.live_model.book import CHANGED, HEAD_ROWS, OUT_OF_RANGE, ListSheet, LiveBook, count_of
from documents.rendering.sheets import chart_look
from engine.book import Row, Section
from engine.book.algebra import Expr, cell, choose
from engine.book.results import EVENTS, FIGURES, MARKET_FIGURES
from engine.deal.columns import SIZED_BY
from engine.permutations import COLUMNS

GROUPS = {
    "All debt": ("total_dscr_minimum", "total_agency_ltv_ratio", "total_appraisal_ltv_ratio", "loan_to_cost_ratio",
                 "market_loan_to_cost_ratio", "debt_yield_ratio", "sponsor_equity_amount", "equity_ratio",
                 "cash_released_amount"),
    "Debt": ("senior_amount", "senior_proceeds_amount", "mezz_amount", "mezz_proceeds_amount", "agency_ltv_ratio",
             "uses_amount", "coverage_ratio"),
    "Cover in the scenario": ("dscr_minimum", "dscr_average", "notional_dscr_minimum", "icr", "llcr", "plcr"),
    "Value and returns": ("day_one_value", "equity_proceeds_amount", "sponsor_irr_rate", "sponsor_multiple",
                          "wacc_rate", "senior_wal_years"),
}  # fmt: skip
BLUE, AMBER, GREEN, *_ = PALETTE.series
CHART_ROWS = 20
FAILED, REFUSED = "See the sheet Checks", "See State beside the inputs"


def write_summary(book: LiveBook) -> None:
    """Every figure again under its own name, and three charts by year."""
    sheet = ListSheet(book, "Summary", "Summary")
    bound = (Row(f"summary_{code}_bound", f"{label} is sized by", _bound(code), "")
             for code, label in (("senior", "Senior"), ("mezz", "Mezzanine")))  # fmt: skip
    sheet.heading("Model")
    _write_state(sheet)
    for row in bound:
        sheet.figure(row)
    sheet.section(Section("In the scenario", _events()))
    for title, names in GROUPS.items():
        sheet.section(Section(title, tuple(_again(book, name) for name in names)))
    if "senior_fair_coupon" in book.page.book.rows:
        sheet.section(Section("Coupons against the market", tuple(_again(book, name) for name in MARKET_FIGURES)))
    last = book.page.sizes["years"]
    _chart(sheet, last, 0, "Cash and senior service", (("cash", GREEN), ("service", BLUE)), line="dscr")
    _chart(sheet, last, 1, "Balances at year end", (("senior_balance", BLUE), ("mezz_balance", AMBER)))
    _chart(sheet, last, 2, "Equity distributions", (("equity", PALETTE.soft),))


def _write_state(sheet: ListSheet) -> None:
    """Whether the model can be read: checks, inputs within their ranges, and what was changed since it was issued."""
    sheet.said("inputs_refused", "Inputs out of range", count_of(OUT_OF_RANGE), 0)
    sheet.said("inputs_changed", "Inputs changed since issue", count_of(CHANGED), 0)
    checked = f'IFERROR(IF(checks_failed=0,"OK","{FAILED}"),"{FAILED}")'
    issued = FAILED if sheet.book.page["checks_failed"] else "OK"
    sheet.said("summary_checks", "Checks", f'IF(inputs_refused>0,"{REFUSED}",{checked})', issued)


def _events() -> tuple[Row, ...]:
    """What befalls lenders in the scenario; the base case where none is entered."""
    return tuple(
        Row(f"summary_{row.name.removeprefix('event_')}", row.label, cell(row.name), row.unit) for row in EVENTS
    )


def _bound(code: str) -> Expr:
    """What sized a tranche, in words."""
    return choose(cell(f"{code}_sized_by") + 1, [SIZED_BY[number] for number in range(len(SIZED_BY))])


def _again(book: LiveBook, name: str) -> Row:
    spec, figure = COLUMNS[name], (FIGURES | MARKET_FIGURES)[name]
    without = book.page.book.rows[figure].without
    return Row(f"summary_{name}", spec.label, cell(figure), spec.unit, spec.help, without=without)


def _chart(
    sheet: ListSheet, last: int, place: int, title: str, bars: tuple[tuple[str, str], ...], line: str = ""
) -> None:
    chart = sheet.book.book.add_chart({"type": "column"})
    for code, colour in bars:
        chart.add_series(_series(sheet.book, code, last) | {"fill": {"color": colour}, "gap": 60})
    if line:
        over = sheet.book.book.add_chart({"type": "line"})
        over.add_series(_series(sheet.book, line, last) | {"line": {"color": AMBER, "width": 2}, "y2_axis": True})
        over.set_y2_axis({"name": "times", "num_format": "0.00", "min": 0})
        chart.combine(over)
    chart.set_x_axis({"name": "Year of operation", "num_font": {"size": 8}})
    chart.set_y_axis(
        {
            "name": sheet.book.currency,
            "num_format": '#,##0,,"m"',
            "major_gridlines": {"visible": True, "line": {"color": PALETTE.rule}},
        }
    )
    chart_look(chart, title, (760, 380))
    sheet.sheet.insert_chart(sheet.row + 1 + place * CHART_ROWS, 0, chart)


def _series(book: LiveBook, code: str, last: int) -> dict[str, object]:
    name = ["Years", HEAD_ROWS - 1, book.column_of(f"years.{code}")]
    return {"name": name, "categories": book.series("years.year", last), "values": book.series(f"years.{code}", last)}
