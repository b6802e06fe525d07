"""The second sheet: the figures a term sheet quotes, and the charts."""

from __future__ import annotations

from collections.abc import Mapping

from documents.brand import PALETTE
from documents.live_model.algebra import Expr, same, when
from documents.live_model.book import Grid, ListSheet
from documents.live_model.structure import Structure
from documents.rendering.sheets import chart_look
from engine.permutations import COLUMNS

GROUPS = {
    "Debt": ("senior_amount", "senior_proceeds_amount", "mezz_amount", "mezz_proceeds_amount", "agency_ltv_ratio", "coverage_ratio"),
    "Cover in the scenario": ("dscr_minimum", "dscr_average", "llcr", "plcr", "icr"),
    "Value and returns": ("day_one_value", "equity_proceeds_amount", "sponsor_equity_amount", "sponsor_irr_rate",
                          "sponsor_multiple", "wacc_rate", "senior_wal_years"),
}  # fmt: skip
BLUE, AMBER, GREEN, *_ = PALETTE.series
CHART_ROWS = 20


def write_summary(sheet: ListSheet, structure: Structure, found: Mapping[str, Expr]) -> None:
    """Every figure again under its own name, and three charts by year."""
    sheet.heading("Model")
    sheet.figure("summary_checks", "Checks", when(same(found["checks_failed"], 0), "OK", "See the sheet Checks"), "")
    for title, names in GROUPS.items():
        sheet.heading(title)
        for name in names:
            sheet.figure(f"summary_{name}", COLUMNS[name].label, found[name], COLUMNS[name].unit, COLUMNS[name].help)
    years, last = structure.operations.years, int(structure.inputs["term_years"].number)
    _chart(sheet, years, last, 0, "Cash and senior service", (("cash", GREEN), ("service", BLUE)), line="dscr")
    _chart(sheet, years, last, 1, "Balances at year end", (("senior_balance", BLUE), ("mezz_balance", AMBER)))
    _chart(sheet, years, last, 2, "Equity distributions", (("equity", PALETTE.soft),))


def _chart(
    sheet: ListSheet, years: Grid, last: int, place: int, title: str, bars: tuple[tuple[str, str], ...], line: str = ""
) -> None:
    chart = sheet.book.book.add_chart({"type": "column"})
    for code, colour in bars:
        chart.add_series(_series(years, code, last) | {"fill": {"color": colour}, "gap": 60})
    if line:
        over = sheet.book.book.add_chart({"type": "line"})
        over.add_series(_series(years, line, last) | {"line": {"color": AMBER, "width": 2}, "y2_axis": True})
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


def _series(years: Grid, code: str, last: int) -> dict[str, object]:
    return {"name": years.heading(code), "categories": years.series("year", last), "values": years.series(code, last)}
