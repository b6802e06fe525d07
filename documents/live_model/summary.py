"""The second sheet: the figures a term sheet quotes, and the charts."""

from __future__ import annotations

from documents.brand import PALETTE
from documents.live_model.book import HEAD_ROWS, ListSheet, LiveBook
from documents.rendering.sheets import chart_look
from engine.book import Row, Section
from engine.book.algebra import cell, same, when
from engine.book.results import FIGURES
from engine.permutations import COLUMNS

GROUPS = {
    "Debt": ("senior_amount", "senior_proceeds_amount", "mezz_amount", "mezz_proceeds_amount", "agency_ltv_ratio", "coverage_ratio"),
    "Cover in the scenario": ("dscr_minimum", "dscr_average", "llcr", "plcr", "icr"),
    "Value and returns": ("day_one_value", "equity_proceeds_amount", "sponsor_equity_amount", "sponsor_irr_rate",
                          "sponsor_multiple", "wacc_rate", "senior_wal_years"),
}  # fmt: skip
BLUE, AMBER, GREEN, *_ = PALETTE.series
CHART_ROWS = 20


def write_summary(book: LiveBook) -> None:
    """Every figure again under its own name, and three charts by year."""
    sheet = ListSheet(book, "Summary", "Summary")
    holds = when(same(cell("checks_failed"), 0), "OK", "See the sheet Checks")
    sheet.section(Section("Model", (Row("summary_checks", "Checks", holds, ""),)))
    for title, names in GROUPS.items():
        sheet.section(Section(title, tuple(_again(book, name) for name in names)))
    last = book.page.sizes["years"]
    _chart(sheet, last, 0, "Cash and senior service", (("cash", GREEN), ("service", BLUE)), line="dscr")
    _chart(sheet, last, 1, "Balances at year end", (("senior_balance", BLUE), ("mezz_balance", AMBER)))
    _chart(sheet, last, 2, "Equity distributions", (("equity", PALETTE.soft),))


def _again(book: LiveBook, name: str) -> Row:
    spec, figure = COLUMNS[name], FIGURES[name]
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
