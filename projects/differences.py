"""What differs between two sets of inputs, field by field, and between the figures that follow from them.

Pure: two dicts as projects and snapshots keep them in, lines for a page out. Change requests, comparisons and the audit
trail all show differences from here.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, lookup
from engine.errors import InputProblems
from engine.project import CAPEX_LINES, FIELDS, ProjectInputs, derive
from engine.terms import StructuringTerms
from lib import figures
from lib.text import label_of
from lib.units import mark, words_of
from projects import screen
from projects.translate import ENTERED, QUICK_FIELDS

GROUPS = {
    "meta": "Sponsor and place",
    "": "Place and currency",
    "power": "Power",
    "revenue": "Revenue",
    "lease": "Lease",
    "capex.internal": "Construction cost, internal",
    "capex.market": "Construction cost, market",
    "land": "Land",
    "fees": "Fees",
    "construction": "Construction",
    "tax": "Tax",
    "credit": "Credit",
    "valuation": "Value",
    ENTERED: "Entered per MW",
}
ELSEWHERE = "Other"
FIGURES_TITLE = "Figures that follow"
# Labels of derived figures whose field name does not read well; the others are their names in words.
FIGURE_LABELS = {
    "it_load_mw": "IT load",
    "year_one.gross_revenue_amount": "Gross revenue, year 1",
    "year_one.electricity_amount": "Electricity, year 1",
    "year_one.opex_amount": "Operating costs, year 1",
    "year_one.noi_amount": "Net operating income, year 1",
    "year_one.asset_management_fee_amount": "Asset management fee, year 1",
    "year_one.replacement_reserve_amount": "Replacement reserve, year 1",
    "year_one.cfads_amount": "Cash for debt service, year 1",
    "internal_cost_amount": "Project cost, internal prices",
    "market_cost_amount": "Project cost, market prices",
    "lease_months": "Lease",
}
# What the last word of a derived figure's name says of its unit; the longest that fits counts.
FIGURE_UNITS = {"_amount": "amount", "_ratio": "share", "_rate": "rate", "_mw": "mw", "_months": "months"}
SPECS: tuple[FieldSpec, ...] = (*FIELDS, *(replace(spec, path=f"{ENTERED}.{spec.path}") for spec in QUICK_FIELDS))
CLOSE = 1e-9  # relative: two ways to add up the same cents


@dataclass(frozen=True, slots=True)
class Row:
    """One field or figure on both sides, in words; `unit` holds for both, `change` is empty where it has no size."""

    path: str
    label: str
    unit: str
    old: str
    new: str
    change: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under one heading."""

    title: str
    rows: tuple[Row, ...]

    @property
    def changed_count(self) -> int:
        """How many of its rows differ."""
        return sum(row.is_changed for row in self.rows)


@dataclass(frozen=True, slots=True)
class Differences:
    """Inputs by group, and the derived figures; figures are missing where a side is not complete."""

    inputs: tuple[Group, ...]
    figures: tuple[Group, ...]

    @property
    def changed_count(self) -> int:
        """How many inputs differ; figures follow and are not counted."""
        return sum(group.changed_count for group in self.inputs)

    def only_changed(self) -> "Differences":
        """The same without the rows that do not differ, and without groups that would be empty."""
        return Differences(_changed(self.inputs), _changed(self.figures))


def compare_inputs(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, terms: StructuringTerms | None = None
) -> Differences:
    """Every field that either side holds, and every derived figure under `terms` (the default ones).

    A field that is left out counts as its default, as the engine reads it; a side that is None holds nothing at all.
    """
    return Differences(tuple(_input_groups(old, new)), tuple(_figure_groups(old, new, terms)))


def derived_figures(inputs: Mapping[str, Any] | None, terms: StructuringTerms | None = None) -> dict[str, float]:
    """Derived figures by dotted name; none where the inputs are not complete."""
    if inputs is None:
        return {}
    try:
        derived = derive(ProjectInputs.from_dict(inputs), terms or StructuringTerms.from_dict())
    except InputProblems:
        return {}
    return dict(_numbers(derived))


def figure_label(name: str) -> str:
    """A derived figure's name as a person reads it."""
    words = name.rpartition(".")[2]
    for ending in FIGURE_UNITS:
        words = words.removesuffix(ending)
    return FIGURE_LABELS.get(name) or label_of(words)


def figure_unit(name: str) -> str:
    """The unit that a derived figure's name ends with."""
    return next((unit for ending, unit in FIGURE_UNITS.items() if name.endswith(ending)), "")


def _changed(groups: Iterable[Group]) -> tuple[Group, ...]:
    kept = (replace(group, rows=tuple(row for row in group.rows if row.is_changed)) for group in groups)
    return tuple(group for group in kept if group.rows)


def _input_groups(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Iterator[Group]:
    rows: dict[str, list[Row]] = {title: [] for title in (*GROUPS.values(), ELSEWHERE)}
    for spec in _specs_of(old, new):
        before, after = _value(old, spec), _value(new, spec)
        if before is not None or after is not None:
            unit = _unit(spec, old, new)
            rows[_title(spec.path)].append(_row(spec, unit, before, after))
    return (Group(title, tuple(found)) for title, found in rows.items() if found)


def _figure_groups(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, terms: StructuringTerms | None
) -> Iterator[Group]:
    before, after = derived_figures(old, terms), derived_figures(new, terms)
    rows = [
        _figure_row(name, _currencies("currency", old, new), before.get(name), after.get(name))
        for name in {**after, **before}
    ]
    return iter([Group(FIGURES_TITLE, tuple(rows))] if rows else [])


def _specs_of(*sides: Mapping[str, Any] | None) -> Iterator[FieldSpec]:
    """The declared fields, each capex line as a field of its own, and whatever else the sides hold."""
    known = set()
    for spec in SPECS:
        known.add(spec.path)
        yield from _line_specs(spec, *sides) if spec.kind is FieldKind.AMOUNTS_BY_LINE else (spec,)
    held = dict.fromkeys(path for side in sides for path in _leaves(side or {}))
    for path in held:
        if not any(path == name or path.startswith(f"{name}.") for name in known):
            yield FieldSpec(path, label_of(path).replace(".", ", "), FieldKind.TEXT)


def _line_specs(spec: FieldSpec, *sides: Mapping[str, Any] | None) -> Iterator[FieldSpec]:
    held = {code for side in sides for code in (lookup(side or {}, spec.path) or {})}
    for code in (*(code for code in CAPEX_LINES if code in held), *sorted(held - CAPEX_LINES.keys())):
        yield FieldSpec(f"{spec.path}.{code}", CAPEX_LINES.get(code, code), FieldKind.NUMBER, spec.unit)


def _leaves(node: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, child in node.items():
        if isinstance(child, Mapping):
            yield from _leaves(child, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _title(path: str) -> str:
    fitting = [group for group in GROUPS if group and path.startswith(f"{group}.")]
    if fitting:
        return GROUPS[fitting[0]]
    return ELSEWHERE if "." in path or path not in {spec.path for spec in FIELDS} else GROUPS[""]


def _value(side: Mapping[str, Any] | None, spec: FieldSpec) -> Any:
    if side is None:
        return None
    value = lookup(side, spec.path)
    return spec.default if value is None or value == "" else value


def _row(spec: FieldSpec, unit: str, old: Any, new: Any) -> Row:
    is_changed = not _same(old, new)
    change = _change_text(spec, old, new) if is_changed else ""
    return Row(spec.path, spec.label, unit, _text(spec, old), _text(spec, new), change, is_changed)


def _text(spec: FieldSpec, value: Any) -> str:
    if value is None:
        return figures.DASH
    if spec.kind is not FieldKind.PAIRS and isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_text(spec, item) for item in value)
    return screen.input_text(spec, value, figures.readers_format())


def _figure_row(name: str, currency: str, old: float | None, new: float | None) -> Row:
    unit = figure_unit(name)
    spec = FieldSpec(name, figure_label(name), FieldKind.NUMBER, unit)
    is_changed = not _same(old, new)
    change = _change_text(spec, old, new) if is_changed else ""
    shown_unit = currency if unit == "amount" else mark(unit)
    return Row(name, spec.label, shown_unit, _figure_text(unit, old), _figure_text(unit, new), change, is_changed)


def _figure_text(unit: str, value: float | None) -> str:
    if words_of(unit).is_percent:
        return figures.percent(value).removesuffix("%")
    return figures.amount(value, 0 if unit in {"amount", "months"} else 2)


def _same(old: Any, new: Any) -> bool:
    if _is_number(old) and _is_number(new):
        return math.isclose(old, new, rel_tol=CLOSE)
    return bool(old == new)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _change_text(spec: FieldSpec, old: Any, new: Any) -> str:
    """The size of a change: points of a percentage, else the amount and its share of the old one."""
    if not _is_number(old) or not _is_number(new):
        return ""
    moved = new - old
    if screen.is_percent(spec):
        return f"{_signed(100 * moved, 2)} pp"
    share = f" ({_signed(100 * moved / abs(old), 1)}%)" if old else ""
    return f"{_signed(moved, 0 if abs(moved) >= 1000 else 2)}{share}"


def _signed(value: float, decimals: int) -> str:
    text = figures.amount(value, decimals)
    return text if value < 0 else f"+{text}"


def _unit(spec: FieldSpec, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str:
    text = mark(spec.unit)
    if not spec.unit.startswith("amount"):
        return text
    source = "capex_currency" if spec.path.startswith("capex.") else "currency"
    return f"{_currencies(source, old, new)} {text}".strip()


def _currencies(field: str, *sides: Mapping[str, Any] | None) -> str:
    """The currency of both sides, or the old one and the new one."""
    named = [str((side or {}).get(field) or (side or {}).get("currency") or "") for side in sides]
    return " \N{RIGHTWARDS ARROW} ".join(dict.fromkeys(name for name in named if name))


def _numbers(derived: Any, prefix: str = "") -> Iterator[tuple[str, float]]:
    for each in fields(derived):
        value = getattr(derived, each.name)
        if is_dataclass(value):
            yield from _numbers(value, f"{prefix}{each.name}.")
        elif _is_number(value):
            yield f"{prefix}{each.name}", value
