"""Result values as table cells, and the counts of a run as lines with their share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from engine.deal.reasons import GATE_A
from engine.permutations import AXES, TIERS
from financings.catalogue import RESULTS
from financings.typed import code_words, value_label
from financings.words import tier_class
from permutations.models import Run
from permutations.tiers import best_first
from tables import figures as table_figures
from tables.figures import Head, Row, table_rows

Query = Callable[[str, str, Any], str]
TOP_PLACE = ("rank", "tier")
TOP_FIGURES = (
    "senior_amount", "mezz_amount", "equity_ratio", "total_agency_ltv_ratio", "loan_to_cost_ratio", "total_dscr_minimum", "day_one_value",
    "cash_released_amount", "wacc_rate", "dscr_minimum", "worst_stressed_dscr", "rating_notch", "sponsor_irr_rate",
    "score",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A count with its share of a whole; `query` is the table's address of the rows counted."""

    label: str
    count: int
    share: float
    tier: str = ""
    query: str = ""

    @property
    def width(self) -> str:
        """The share as a percentage an SVG takes."""
        return f"{100 * min(max(self.share, 0.0), 1.0):.2f}%"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the gates: what passed it, and why the others did not."""

    passed: Line
    reasons: tuple[Line, ...]


def heads(names: Iterable[str], currency: str) -> list[Head]:
    """The head of each named column; amounts are in the project's currency."""
    return [table_figures.head(RESULTS.columns[name], currency) for name in names]


def shown_rows(rows: Iterable[tuple[int, Mapping[str, Any]]], names: Sequence[str]) -> list[Row]:
    """Rows of a table from permutation indices and their values by column."""
    return table_rows(rows, [RESULTS.columns[name] for name in names])


def top_columns(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What a list of the best shows: the levers in which they differ, between their places and their figures."""
    levers = [name for name in AXES if name in RESULTS.columns and len({row.get(name) for row in rows}) > 1]
    return (*TOP_PLACE, *levers, *TOP_FIGURES)


def funnel(run: Run) -> list[Stage]:
    """What was evaluated, what passed each gate and why the rest did not, and what was ranked."""
    counts = run.summary["counts"]
    total = counts["evaluated"]
    reasons: dict[str, int] = counts["reasons"]
    gate_a = {reason.name for reason in GATE_A.values()}
    # What stopped has a row to lead to where every row is kept.
    stopped = rows_where if run.keeps_all_rows else _nowhere
    return [
        Stage(_line("Evaluated", total, total), ()),
        Stage(
            _line("Passed Gate A", counts["gate_a_alive"], total, stopped("gate", ">=", 1)),
            _reason_lines(reasons, gate_a, total, stopped),
        ),
        Stage(
            _line("Passed Gate B", counts["gate_b_alive"], total, rows_where("gate", ">=", 2)),
            _reason_lines(reasons, set(reasons) - gate_a, total, stopped),
        ),
    ]


@dataclass(frozen=True, slots=True)
class LeverLine:
    """What became of the permutations with one value of a lever: how many passed, and the reason that stopped most."""

    passed: Line
    evaluated: int
    reason: str
    stopped: int


def lever_lines(run: Run) -> list[tuple[str, list[LeverLine]]]:
    """For each lever that the run varied its values in turn; without those of runs of before they were counted."""
    found = run.summary.get("by_lever", {})
    return [
        (AXES[code].label, [_lever_line(code, *each) for each in zip(values, found[code], strict=True)])
        for code in AXES  # PostgreSQL keeps no order of keys
        if code in found and len(values := run.lever_set["axes"].get(code, [])) > 1
    ]


def _lever_line(code: str, value: Any, counts: Mapping[str, int]) -> LeverLine:
    stopped = {name: number for name, number in counts.items() if name != "passed"}
    most = max(stopped, key=lambda name: stopped[name], default="")
    query = urlencode([("filter", f"{code}|=|{value}"), ("filter", "gate|>=|2")])
    passed = _line(value_label(AXES[code], value), counts.get("passed", 0), sum(counts.values()), query)
    return LeverLine(passed, sum(counts.values()), code_words(most) if most else "", stopped.get(most, 0))


def tier_shares(run: Run) -> list[Line]:
    """How many permutations are in each tier, best first."""
    total = run.summary["counts"]["evaluated"]
    return [
        Line(label, number, number / total if total else 0.0, tier_class(label), _tier_query(run, label))
        for label, number in best_first(run.summary["tiers"])
    ]


def _reason_lines(reasons: Mapping[str, int], chosen: set[str], total: int, query: Query) -> tuple[Line, ...]:
    found = [
        _line(code_words(name), number, total, query("reason", "=", name))
        for name, number in reasons.items()
        if name in chosen and number
    ]
    return tuple(sorted(found, key=lambda line: -line.count))


def _tier_query(run: Run, label: str) -> str:
    return "" if label == TIERS[0] and not run.keeps_all_rows else rows_where("tier", "=", label)


def _nowhere(column: str, operator: str, value: Any) -> str:
    return ""


def rows_where(column: str, operator: str, value: Any) -> str:
    """The address, behind that of a run's results, of the rows that meet one condition."""
    return urlencode({"filter": f"{column}|{operator}|{value}"})


def _line(label: str, count: int, total: int, query: str = "") -> Line:
    return Line(label, count, count / total if total else 0.0, query=query)
