"""Two to six financings side by side, of one run or of several projects: terms, levers, figures, ratings, stress."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import xlsxwriter

from engine.permutations import COLUMNS, ColumnSpec, Unit
from engine.terms import FIELDS as TERM_FIELDS
from financings.catalogue import KINDS
from financings.compliance import worst_stress
from financings.evaluation import Evaluation
from financings.words import cell_in, term_text
from lib.figures import DASH
from lib.verbs import refuse
from tables.figures import Cell

FEWEST, MOST = 2, 6
# The direction in which a figure is better; levers and codes have none.
HIGHER_IS_BETTER = frozenset({
    "day_one_value", "coverage_ratio", "dscr_minimum", "dscr_average", "llcr", "plcr", "icr", "worst_stressed_dscr",
    "stability_ratio", "sponsor_irr_rate", "after_tax_dscr_minimum", "after_tax_irr_rate", "sponsor_npv_amount", "sponsor_multiple", "score", "equity_proceeds_amount",
    "senior_amount", "binding_headroom_ratio",
})  # fmt: skip
LOWER_IS_BETTER = frozenset(
    {"rank", "wacc_rate", "rating_notch", "agency_ltv_ratio", "sponsor_payback_months", "notches_lost", "percentile"}
)
WORST_SCENARIO = "worst_scenario"
LEFT_OUT = frozenset({"index", "stress_key"})
FORMATS = {Unit.AMOUNT: "#,##0", Unit.SHARE: "0.0%", Unit.RATE: "0.00%", Unit.TIMES: '0.00"x"', Unit.COUNT: "#,##0"}


@dataclass(frozen=True, slots=True)
class CompareRow:
    """One figure across the financings compared; `values` are as the engine gives them, for a workbook."""

    label: str
    unit: str
    cells: tuple[tuple[Cell, bool], ...]
    values: tuple[Any, ...]
    differs: bool
    number_format: str = "General"


Groups = list[tuple[str, list[CompareRow]]]


def require_few(count: int, things: str) -> None:
    """Nothing; Invalid for fewer than two and more than six."""
    if not FEWEST <= count <= MOST:
        raise refuse("bad_choice", "of", f"Compare: tick {FEWEST} to {MOST} {things} in a list, got {count}.")


def compared(evaluations: Sequence[Evaluation]) -> Groups:
    """Every figure by group, those that none of them has left out."""
    rows = [_row(evaluation) for evaluation in evaluations]
    currencies = {evaluation.financing.currency for evaluation in evaluations}
    groups: dict[str, list[CompareRow]] = {"Terms": list(_terms(evaluations))}
    groups |= {label: [] for label in KINDS.values()}
    for name, spec in COLUMNS.items():
        if name not in LEFT_OUT and any(row.get(name) is not None for row in rows):
            groups[KINDS[spec.kind]].append(_compare_row(spec, rows, currencies))
    return [(label, lines) for label, lines in groups.items() if lines]


def paths_of(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """The DSCR and equity of each financing by year, for charts."""
    found = [(str(evaluation.financing), evaluation.detail) for evaluation in evaluations]
    longest = max((len(detail.years.get("dscr", ())) for _, detail in found), default=0)
    return {
        "years": list(range(1, longest + 1)),
        "dscr": [{"label": name, "values": list(detail.dscr_path)} for name, detail in found],
        "equity": [
            {"label": name, "values": [round(float(v), 2) for v in detail.years["equity_distribution"]]}
            for name, detail in found
            if detail.years
        ],
    }


def compared_workbook(evaluations: Sequence[Evaluation]) -> bytes:
    """The comparison as a workbook: numbers as numbers, a row that differs marked."""
    content = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet("Comparison")
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, len(evaluations) + 2, 22)
        _write_line(sheet, 0, ["Figure", "Unit", *(str(each.financing) for each in evaluations), "Differs"], bold)
        for number, (values, number_format) in enumerate(_lines(evaluations), start=1):
            _write_line(sheet, number, values, book.add_format({"num_format": number_format}))
    return content.getvalue()


def _lines(evaluations: Sequence[Evaluation]) -> Iterator[tuple[list[Any], str]]:
    told = [evaluation.financing for evaluation in evaluations]
    for label, values in (
        ("Project", [each.project.title for each in told]),
        ("Snapshot", [f"Version {each.snapshot.version}, SHA-256 {each.snapshot.content_hash}" for each in told]),
        ("Rule set", [f"{each.rule_set}, SHA-256 {each.rule_set.content_hash}" for each in told]),
        ("Engine", [each.engine_version for each in told]),
        ("Financing, SHA-256", [each.content_hash for each in told]),
        ("Currency", [each.currency for each in told]),
    ):
        yield [label, "", *values], "General"
    for label, rows in compared(evaluations):
        yield [label], "General"
        for row in rows:
            yield [row.label, row.unit, *row.values, "yes" if row.differs else ""], row.number_format


def _write_line(sheet: Any, number: int, values: Sequence[Any], number_format: Any) -> None:
    for place, value in enumerate(values):
        if isinstance(value, int | float):
            sheet.write_number(number, place, value, number_format)
        elif value is not None:
            sheet.write_string(number, place, str(value), number_format)


def _row(evaluation: Evaluation) -> dict[str, Any]:
    found = evaluation.origins[0].row if evaluation.origins else {}
    worst = worst_stress(evaluation.detail)
    named = {WORST_SCENARIO: worst.scenario.label if worst else None}  # its number says nothing beside other terms
    return {**found, **evaluation.detail.row, **evaluation.detail.levers, **named}


def _terms(evaluations: Sequence[Evaluation]) -> Iterator[CompareRow]:
    for spec in TERM_FIELDS:
        texts = [term_text(spec, evaluation.financing.terms.get(spec.path, spec.default)) for evaluation in evaluations]
        cells = tuple((Cell(spec.path, text), False) for text in texts)
        yield CompareRow(spec.label, "", cells, tuple(texts), len(set(texts)) > 1)


def _compare_row(spec: ColumnSpec, rows: Sequence[Mapping[str, Any]], currencies: set[str]) -> CompareRow:
    values = [row.get(spec.name) for row in rows]
    is_named = spec.name == WORST_SCENARIO
    cells = [Cell(spec.name, row[spec.name] or DASH) if is_named else cell_in(spec.name, row) for row in rows]
    differs = len({one.text for one in cells}) > 1
    best = _best(spec, values, currencies) if differs else None
    marked = tuple((one, best is not None and value == best) for one, value in zip(cells, values, strict=True))
    is_plain = spec.unit in FORMATS or spec.unit in (Unit.YEARS, Unit.MONTHS)
    shown = tuple(values) if is_plain else tuple(one.text for one in cells)
    return CompareRow(spec.label, _unit(spec, currencies), marked, shown, differs, FORMATS.get(spec.unit, "General"))


def _best(spec: ColumnSpec, values: list[Any], currencies: set[str]) -> Any:
    """The better value where there is one; amounts in several currencies have none."""
    known = [value for value in values if value is not None]
    if spec.unit == Unit.AMOUNT and len(currencies) > 1:
        return None
    if spec.name in HIGHER_IS_BETTER:
        return max(known)
    return min(known) if spec.name in LOWER_IS_BETTER else None


def _unit(spec: ColumnSpec, currencies: set[str]) -> str:
    if spec.unit == Unit.AMOUNT:
        return next(iter(currencies)) if len(currencies) == 1 else "own currency"
    return str(spec.unit) if spec.unit in (Unit.YEARS, Unit.MONTHS) else ""
