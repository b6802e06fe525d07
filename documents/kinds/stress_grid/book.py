"""The sheets of the stress grid."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from xlsxwriter.worksheet import Worksheet

from documents.brand import PALETTE
from documents.kinds.kind import Fields
from documents.rendering.sheets import HEAD_ROWS, Column, SheetBook, chart_look
from documents.rendering.steady import steadied

SCENARIO_COLUMNS = (
    ("number", Column("No.", "count", 5)),
    ("label", Column("Scenario", width=38)),
    ("cpi_rate", Column("CPI", "rate", 9)),
    ("rate_shift_bps", Column("Rates, bps", "bps", 9)),
    ("default_ratio", Column("Tenant default", "share", 9)),
    ("base_dscr", Column("DSCR, base", "times", 9)),
    ("stressed_dscr", Column("DSCR, stressed", "times", 10)),
    ("dscr_degradation_ratio", Column("Degradation", "share", 12)),
    ("breach_month", Column("First month below 1.00x", "months", 13)),
    ("recovery_months", Column("Months to recovery", "months", 12)),
    ("rating", Column("Rating", width=8)),
    ("notches_moved", Column("Notches moved", "count", 9)),
    ("flags", Column("What is missed", width=60, wraps=True)),
    ("balloon_shortfall_amount", Column("Balloon shortfall", "amount", 16)),
    ("equity_distribution_amount", Column("Equity distributions", "amount", 16)),
)
WORST_SHOWN = 15
# Where the right half of the summary begins.
RIGHT = 4
CHART_SIZE, WORST_SIZE = (820, 360), (600, 360)
GRIDLINES = {"visible": True, "line": {"color": PALETTE.rule}}


def write_book(fields: Fields, made_at: datetime) -> bytes:
    """The workbook's file."""
    out = BytesIO()
    marks = fields["marks"]
    book = SheetBook(out, f"{fields['title']}: stress grid", made_at, marks["organisation"], marks["words"])
    summary = book.add_sheet("Summary", "Stress grid: summary")
    _write_summary(book, summary, fields)
    _write_scenarios(book, fields)
    _write_migration(book, fields)
    _write_sensitivity(book, fields)
    _write_pair(book, fields)
    _write_reverse(book, fields)
    book.about([*fields["about"], ("Marks", marks["words"])])
    book.close()
    return steadied(out.getvalue())


def _write_scenarios(book: SheetBook, fields: Fields) -> None:
    """Every scenario in full."""
    sheet = book.add_sheet("Scenarios", f"Every scenario; amounts in {fields['currency']}")
    columns = [column for _, column in SCENARIO_COLUMNS]
    rows = fields["scenarios"]
    book.widths(sheet, columns)
    last = (
        book.table(sheet, HEAD_ROWS, columns, [[_cell(name, row) for name, _ in SCENARIO_COLUMNS] for row in rows]) - 1
    )
    sheet.freeze_panes(HEAD_ROWS + 1, 2)
    sheet.autofilter(HEAD_ROWS, 0, last, len(columns) - 1)
    places = {name: at for at, (name, _) in enumerate(SCENARIO_COLUMNS)}
    _colour_cover(
        book, sheet, (HEAD_ROWS + 1, places["stressed_dscr"], last, places["stressed_dscr"]), fields["floor_dscr"]
    )
    at = places["notches_moved"]
    bad = book.styles.rule(PALETTE.bad_soft, PALETTE.bad)
    sheet.conditional_format(HEAD_ROWS + 1, at, last, at, {"type": "cell", "criteria": ">", "value": 0, "format": bad})
    at = places["dscr_degradation_ratio"]
    scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": PALETTE.series[1]}
    sheet.conditional_format(HEAD_ROWS + 1, at, last, at, scale)


def _cell(name: str, row: Fields) -> Any:
    """A scenario's value; recovery in words where cover does not come back before maturity."""
    value = row[name]
    return "not before maturity" if name == "recovery_months" and value == -1 else value


def _colour_cover(book: SheetBook, sheet: Worksheet, place: tuple[int, int, int, int], floor: float) -> None:
    """Cover below 1.00x in red, below the stressed floor in amber, the rest in green; what is no number stays as it is."""
    bad = book.styles.rule(PALETTE.bad_soft, PALETTE.bad, bold=True)
    warn, good = book.styles.rule(PALETTE.warn_soft, PALETTE.warn), book.styles.rule(PALETTE.good_soft, PALETTE.good)
    sheet.conditional_format(
        *place, {"type": "cell", "criteria": "<", "value": 1.0, "format": bad, "stop_if_true": True}
    )
    if floor > 1.0:
        rule = {"type": "cell", "criteria": "<", "value": floor, "format": warn, "stop_if_true": True}
        sheet.conditional_format(*place, rule)
    rule = {"type": "cell", "criteria": "between", "minimum": max(floor, 1.0), "maximum": 1e6, "format": good}
    sheet.conditional_format(*place, rule)


def _write_summary(book: SheetBook, sheet: Worksheet, fields: Fields) -> None:
    """One page: figures and the worst scenarios left, heat map and chart right."""
    for at, width in enumerate((38, 24, 12, 4, 30, 12, 12, 12, 12)):
        sheet.set_column(at, at, width)
    sheet.fit_to_pages(1, 1)
    sheet.repeat_rows(0, 1)
    row = max(_write_figures(book, sheet, fields), _write_heat_map(book, sheet, fields)) + 1
    _write_worst(book, sheet, row, fields)


def _write_figures(book: SheetBook, sheet: Worksheet, fields: Fields) -> int:
    book.heading(sheet, HEAD_ROWS, f"The structure; amounts in {fields['currency']}", 0, 1)
    row = HEAD_ROWS + 1
    lines = [
        *fields["headlines"],
        ("Rating, base case", "", fields["rating"]),
        ("Stressed floor of the DSCR", "times", fields["floor_dscr"]),
        ("Worst scenario", "", fields["worst"]["scenario"]),
        ("Scenarios", "count", len(fields["scenarios"])),
        ("Floor kept and balloon refinanced in all", "", "yes" if fields["passed"] else "no"),
        *_missed(fields["losses"]),
    ]
    for row, (label, unit, value) in enumerate(lines, HEAD_ROWS + 1):
        sheet.write_string(row, 0, label, book.styles.of())
        book.write(sheet, row, 1, value, unit)
    return row + 1


def _missed(losses: list[str]) -> list[tuple[str, str, str]]:
    """What is missed and in how many scenarios, a line each."""
    split = (words.rpartition(" in ") for words in losses)
    return [(what[0].upper() + what[1:], "", count) for what, _, count in split]


def _write_heat_map(book: SheetBook, sheet: Worksheet, fields: Fields) -> int:
    grid = fields["grid"]
    shifts = [f"{shift:+g} bps" if shift else "as base" for shift in grid["across_bps"]]
    last = RIGHT + len(shifts)
    book.heading(sheet, HEAD_ROWS, "Lowest DSCR: rates across, CPI and tenant default down", RIGHT, last)
    columns = [Column("CPI and tenant default", width=30), *(Column(shift, "times") for shift in shifts)]
    end = book.table(sheet, HEAD_ROWS + 1, columns, [[label, *covers] for label, covers in grid["rows"]], RIGHT)
    _colour_cover(book, sheet, (HEAD_ROWS + 2, RIGHT + 1, end - 1, last), fields["floor_dscr"])
    return end


def _write_worst(book: SheetBook, sheet: Worksheet, row: int, fields: Fields) -> None:
    """The worst scenarios, and beside them their chart."""
    order = {number: place for place, number in enumerate(fields["worst_first"])}
    known = [each for each in fields["scenarios"] if each["stressed_dscr"] is not None]
    shown = sorted(known, key=lambda each: order[each["number"]])[:WORST_SHOWN]
    if not shown:
        return
    book.heading(sheet, row, f"The {len(shown)} worst scenarios", 0, 2)
    columns = (Column("Scenario", width=36), Column("DSCR, stressed", "times", 24), Column("Rating"))
    end = book.table(sheet, row + 1, columns, [[s["label"], s["stressed_dscr"], s["rating"]] for s in shown])
    _colour_cover(book, sheet, (row + 2, 1, end - 1, 1), fields["floor_dscr"])
    sheet.insert_chart(row, RIGHT, _worst_chart(book, (row + 2, end - 1), len(shown)))


def _worst_chart(book: SheetBook, rows: tuple[int, int], count: int) -> Any:
    chart = book.book.add_chart({"type": "bar"})
    chart.add_series({
        "name": "DSCR, stressed", "categories": ["Summary", rows[0], 0, rows[1], 0], "values": ["Summary", rows[0], 1, rows[1], 1],
        "fill": {"color": PALETTE.series[0]}, "gap": 40,
        "data_labels": {"value": True, "num_format": '0.00"x"', "font": {"size": 8}},
    })  # fmt: skip
    chart.set_y_axis({"reverse": True, "num_font": {"size": 8}, "label_position": "low"})
    chart.set_x_axis({"num_format": '0.00"x"', "min": 0, "major_gridlines": GRIDLINES, "label_position": "low"})
    chart_look(chart, f"Lowest DSCR of the {count} worst scenarios", WORST_SIZE)
    chart.set_legend({"none": True})
    return chart


def _write_migration(book: SheetBook, fields: Fields) -> None:
    """How many scenarios leave which rating, by group."""
    sheet = book.add_sheet("Ratings", f"Rating migration from {fields['rating']}: scenarios by the rating they leave")
    found = fields["migration"]
    columns = [Column("Scenarios", width=30), *(Column(rating, "count", 10) for rating in found["ratings"])]
    book.widths(sheet, columns)
    end = book.table(sheet, HEAD_ROWS, columns, [[name, *counts] for name, counts in found["rows"]])
    last = len(found["ratings"])
    scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": PALETTE.series[1]}
    sheet.conditional_format(HEAD_ROWS + 2, 1, end - 1, last, scale)
    sheet.freeze_panes(HEAD_ROWS + 1, 1)
    chart = book.book.add_chart({"type": "column"})
    chart.add_series({
        "name": "All scenarios", "categories": ["Ratings", HEAD_ROWS, 1, HEAD_ROWS, last],
        "values": ["Ratings", HEAD_ROWS + 1, 1, HEAD_ROWS + 1, last], "fill": {"color": PALETTE.series[0]}, "gap": 60,
        "data_labels": {"value": True},
    })  # fmt: skip
    chart.set_y_axis({"name": "Scenarios", "major_gridlines": GRIDLINES})
    chart_look(chart, "Scenarios by the rating they leave", CHART_SIZE)
    chart.set_legend({"none": True})
    sheet.insert_chart(end + 1, 0, chart)


def _write_sensitivity(book: SheetBook, fields: Fields) -> None:
    sheet = book.add_sheet("Sensitivity", "Sensitivity: one driver at a time")
    columns = (
        Column("Driver", width=30), Column("Worse by", "text", 12), Column("Better by", "text", 12),
        Column("DSCR, worse", "times", 11), Column("DSCR, base", "times", 11), Column("DSCR, better", "times", 11),
        Column("Below base", "times", 11), Column("Above base", "times", 11), Column("Rating, worse", width=11),
        Column("Equity IRR, worse", "rate", 11), Column("Equity IRR, better", "rate", 11),
    )  # fmt: skip
    book.widths(sheet, columns)
    rows = [_tornado_row(bar) for bar in fields["tornado"]]
    end = book.table(sheet, HEAD_ROWS, columns, rows)
    _colour_cover(book, sheet, (HEAD_ROWS + 1, 3, end - 1, 3), fields["floor_dscr"])
    sheet.freeze_panes(HEAD_ROWS + 1, 1)
    _chart_tornado(book, sheet, end, fields)


def _tornado_row(bar: Fields) -> list[Any]:
    worse, base, better = bar["adverse_dscr"], bar["base_dscr"], bar["benign_dscr"]
    below = None if worse is None or base is None else worse - base
    above = None if better is None or base is None else better - base
    return [
        bar["label"], _push(bar["adverse_amount"], bar["unit"]), _push(bar["benign_amount"], bar["unit"]), worse, base, better,
        below, above, bar["adverse_rating"], bar["adverse_irr_rate"], bar["benign_irr_rate"],
    ]  # fmt: skip


def _push(amount: float, unit: str) -> str:
    """How far a driver is moved, in its unit."""
    if not amount:
        return "not at all"
    if unit in {"rate", "share"}:
        return f"{amount * 100:g}%"
    return f"{amount:g} {unit}" if unit in {"bps", "months"} else f"{amount:g}"


def _chart_tornado(book: SheetBook, sheet: Worksheet, row: int, fields: Fields) -> None:
    chart = book.book.add_chart({"type": "bar", "subtype": "stacked"})
    labels = ["Sensitivity", HEAD_ROWS + 1, 0, row - 1, 0]
    for column, name, colour in ((6, "Worse", PALETTE.series[5]), (7, "Better", PALETTE.series[2])):
        values = ["Sensitivity", HEAD_ROWS + 1, column, row - 1, column]
        chart.add_series({"name": name, "categories": labels, "values": values, "fill": {"color": colour}, "gap": 40})
    chart.set_y_axis({"reverse": True, "label_position": "low", "num_font": {"size": 9}})
    chart.set_x_axis(
        {
            "num_format": '+0.00"x";-0.00"x";0.00"x"',
            "major_gridlines": {"visible": True, "line": {"color": PALETTE.rule}},
        }
    )
    chart_look(chart, "Change of the lowest DSCR", (CHART_SIZE[0], 400))
    sheet.insert_chart(row + 1, 0, chart)


def _write_pair(book: SheetBook, fields: Fields) -> None:
    """Two drivers together, as cover and as rating."""
    pair = fields["pair"]
    title = f"Two drivers together: {pair['across'].lower()} across, {pair['down'].lower()} down"
    sheet = book.add_sheet("Two drivers", title)
    covers = [Column(pair["down"], width=26), *(Column(f"+{bps:g} bps", "times") for bps in pair["across_bps"])]
    ratings = [Column(pair["down"], width=26), *(Column(f"+{bps:g} bps", "") for bps in pair["across_bps"])]
    book.widths(sheet, covers)
    lines = [[_push(amount, "share"), *cells] for amount, cells, _ in pair["rows"]]
    end = book.table(sheet, HEAD_ROWS, covers, lines)
    _colour_cover(book, sheet, (HEAD_ROWS + 1, 1, end - 1, len(covers) - 1), fields["floor_dscr"])
    book.heading(sheet, end + 1, "The rating there", 0, len(covers) - 1)
    book.table(sheet, end + 2, ratings, [[_push(amount, "share"), *cells] for amount, _, cells in pair["rows"]])


def _write_reverse(book: SheetBook, fields: Fields) -> None:
    """How far each driver alone may go until something breaks."""
    sheet = book.add_sheet("Reverse stress", "Reverse stress: how far one driver alone goes until something breaks")
    lines = fields["reverse"]
    targets = list(dict.fromkeys(target for line in lines for target in line["targets"]))
    columns = [Column("Driver", width=30), *(Column(target, "", 18) for target in targets)]
    book.widths(sheet, columns)
    book.table(sheet, HEAD_ROWS, columns, [[line["driver"], *(None for _ in targets)] for line in lines])
    for down, line in enumerate(lines, HEAD_ROWS + 1):
        for at, target in enumerate(targets, 1):
            book.write(sheet, down, at, line["targets"].get(target), line["unit"])
    sheet.freeze_panes(HEAD_ROWS + 1, 1)
    note = "Rates in basis points, delays in months, other drivers as shares. The first amount that breaks the target is shown."
    sheet.write_string(HEAD_ROWS + len(lines) + 2, 0, note, book.styles.muted())
