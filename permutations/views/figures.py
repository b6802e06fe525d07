"""Result values as table cells, and the counts of a run as lines with their share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.deal.reasons import GATE_A, NOT_COMPUTED
from engine.permutations import COLUMNS, FLAGS, ColumnSpec, Unit
from lib import figures
from permutations.models import Run
from permutations.results import column_choices
from permutations.typed import WORDS

TOP_COLUMNS = (
    "rank", "tier", "senior_tenor_years", "senior_amortisation", "senior_coupon_rate", "senior_dscr", "senior_amount",
    "mezz_amount", "day_one_value", "wacc_rate", "dscr_minimum", "worst_stressed_dscr", "rating_notch", "sponsor_irr_rate",
    "score",
)  # fmt: skip
KINDS = {
    "rank": "Ranking",
    "lever": "Levers",
    "gate": "Gates",
    "size": "Size",
    "cover": "Cover and rating",
    "stress": "Stress",
    "value": "Value",
    "return": "Returns",
}
ACRONYMS = {"dscr": "DSCR", "llcr": "LLCR", "icr": "ICR", "ltv": "LTV", "dsra": "DSRA", "zcis": "ZCIS", "trs": "TRS"}
NUMBERS = frozenset({Unit.AMOUNT, Unit.SHARE, Unit.RATE, Unit.TIMES, Unit.FACTOR, Unit.YEARS, Unit.MONTHS, Unit.COUNT})
# What integer columns hold where nothing was computed.
UNIT_HEADS = {Unit.YEARS: "years", Unit.MONTHS: "months"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a table: its words, and what the template draws around them."""

    name: str
    text: str
    is_number: bool = False
    is_negative: bool = False
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One permutation of a table."""

    index: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """One column of a table."""

    name: str
    label: str
    unit: str
    is_number: bool
    help: str


@dataclass(frozen=True, slots=True)
class Line:
    """A count with its share of a whole."""

    label: str
    count: int
    share: float
    tier: str = ""

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
    return [_head(COLUMNS[name], currency) for name in names]


def shown_rows(rows: Iterable[tuple[int, Mapping[str, Any]]], names: Sequence[str]) -> list[Row]:
    """Rows of a table from permutation indices and their values by column."""
    return [Row(index, tuple(cell(name, values.get(name)) for name in names)) for index, values in rows]


def cell(name: str, value: Any) -> Cell:
    """A value of a result column as it is shown."""
    spec = COLUMNS[name]
    if name == "tier":
        words = tier_words(value)
        return Cell(name, words, tier=tier_class(words))
    if value == NOT_COMPUTED and spec.dtype.startswith("int"):
        value = None
    if spec.unit in NUMBERS:
        negative = isinstance(value, (int, float)) and value < 0
        return Cell(name, _number_text(spec, value), True, negative)
    return Cell(name, _words(spec, value))


def tier_words(value: Any) -> str:
    """A tier by code or name, as its name."""
    return str(column_choices("tier").get(value, value))


def tier_class(words: str) -> str:
    """The style of a tier: `not-viable` for "Not viable"."""
    return words.lower().replace(" ", "-")


def code_words(code: str) -> str:
    """A code as a sentence: "TENOR_EXCEEDS_LIMIT" is "Tenor exceeds limit"."""
    words = code.lower().split("_")
    first, *rest = [ACRONYMS.get(word, word) for word in words]
    return " ".join([first if first.isupper() else first.capitalize(), *rest])


def flag_words(value: int | None) -> list[str]:
    """The flags in a sum of flags."""
    return [code_words(name) for bit, name in FLAGS.items() if (value or 0) & bit]


def funnel(run: Run) -> list[Stage]:
    """What was evaluated, what passed each gate and why the rest did not, and what was ranked."""
    counts = run.summary["counts"]
    total = counts["evaluated"]
    reasons: dict[str, int] = counts["reasons"]
    gate_a = {reason.name for reason in GATE_A.values()}
    return [
        Stage(_line("Evaluated", total, total), ()),
        Stage(_line("Passed Gate A", counts["gate_a_alive"], total), _reason_lines(reasons, gate_a, total)),
        Stage(
            _line("Passed Gate B", counts["gate_b_alive"], total), _reason_lines(reasons, set(reasons) - gate_a, total)
        ),
    ]


def tier_shares(run: Run) -> list[Line]:
    """How many permutations are in each tier, best first."""
    total = run.summary["counts"]["evaluated"]
    return [
        Line(label, number, number / total if total else 0.0, tier_class(label))
        for label, number in run.summary["tiers"].items()
    ]


def _reason_lines(reasons: Mapping[str, int], chosen: set[str], total: int) -> tuple[Line, ...]:
    found = [_line(code_words(name), number, total) for name, number in reasons.items() if name in chosen and number]
    return tuple(sorted(found, key=lambda line: -line.count))


def _line(label: str, count: int, total: int) -> Line:
    return Line(label, count, count / total if total else 0.0)


def _head(spec: ColumnSpec, currency: str) -> Head:
    unit = currency if spec.unit == Unit.AMOUNT else UNIT_HEADS.get(spec.unit, "")
    return Head(spec.name, spec.label, unit, spec.unit in NUMBERS, spec.help)


def unit_text(value: Any, unit: str) -> str:
    """A figure of the engine in its unit; words stay words."""
    if isinstance(value, str):
        return WORDS.get(value, value)
    show = _BY_UNIT.get(str(unit))
    return show(value) if show else figures.in_unit(value, unit)


def _years(value: Any) -> str:
    return figures.amount(value, 0 if value is None or float(value) == int(value) else 1)


# Tables name years and months in their heads.
_BY_UNIT: dict[str, Callable[[Any], str]] = {
    "years": _years,
    "months": figures.amount,
}


def _number_text(spec: ColumnSpec, value: Any) -> str:
    return figures.amount(value, 3) if spec.name == "score" else unit_text(value, spec.unit)


def _words(spec: ColumnSpec, value: Any) -> str:
    if value is None:
        return figures.DASH
    if spec.name == "flags":
        return ", ".join(flag_words(int(value))) or "None"
    if spec.name == "reason":
        return code_words(str(column_choices("reason").get(value, value)))
    if spec.unit == Unit.NAME:
        return WORDS.get(str(value), str(value))
    return str(column_choices(spec.name).get(value, value))
