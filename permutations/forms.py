"""What a person asks of a run, as typed: axes, hard filters, assumptions, budget and seed.

Typed percentages become fractions here; every limit and every sentence about it is the engine's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.http import QueryDict

from engine.basics.limits import keeps
from engine.deal.axes import Lever
from engine.errors import InputProblems, Problem
from engine.market import CurrencyMarket
from engine.permutations import (
    AXES,
    COLUMNS,
    FILTERABLE_COLUMNS,
    PRESETS,
    STANDARD_AXES,
    AxisSpec,
    LeverSet,
    default_levers,
)
from engine.permutations.levers import FILTER_OPERATORS, MAX_VALUES_PER_AXIS, sample_size, steps
from engine.terms import FIELDS as TERM_FIELDS
from engine.terms import StructuringTerms
from financings.term_inputs import TermInput, default_terms, read_terms, term_inputs, term_texts
from financings.typed import (
    is_percent_column,
    limit_problem,
    read_limit,
    typed_limit,
    typed_number,
    value_label,
)
from lib.errors import Invalid
from lib.figures import readers_format
from lib.numbers import read_number, shortened
from lib.units import Unit, mark
from permutations.kept import ALL_ROWS_BY_DEFAULT
from permutations.models import Run
from permutations.services.request_run import LARGEST_BUDGET, LARGEST_SEED, Plan, plan_run

DEFAULT_PRESET = "default"
DEFAULT_SEED = 1
FILTER_ROWS = 4
MAX_TICKS = 32
TICKS_BEYOND_PRESETS = 4
LIST_HELP = "Separate values with a semicolon."


@dataclass(frozen=True, slots=True)
class Tick:
    """One value offered on an axis."""

    typed: str
    label: str
    is_chosen: bool


@dataclass(slots=True)
class AxisInput:
    """One axis of the form: open or closed, by ticked values or by a range."""

    spec: AxisSpec
    is_open: bool
    by_range: bool
    ticks: list[Tick]
    start: str = ""
    stop: str = ""
    step: str = ""
    values: list[Lever] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def unit_mark(self) -> str:
        """The unit beside typed numbers."""
        return mark(self.spec.unit)

    @property
    def count(self) -> int:
        """Number of values the axis brings to the space; a closed one leaves it as it is."""
        return len(self.values) if self.is_open else 1

    @property
    def closed_value(self) -> str:
        """What the lever is while the axis is closed."""
        if self.spec.default is None:
            return self.spec.help.removeprefix("Closed: ") or "The project's own value"
        return value_label(self.spec, self.spec.default)


@dataclass(frozen=True, slots=True)
class FilterInput:
    """One hard filter as typed."""

    column: str
    operator: str
    value: str


@dataclass(slots=True)
class RunForm:
    """A run as asked for; `levers` and `terms` are there once no problem is left."""

    preset: str
    axes: list[AxisInput]
    filters: list[FilterInput]
    terms_typed: dict[str, str]
    budget_typed: str
    seed_typed: str
    numbers: str = field(default_factory=readers_format)
    market: CurrencyMarket | None = None
    all_rows: bool | None = None  # None: as the size says
    budget: int = 0
    seed: int = 0
    levers: LeverSet | None = None
    terms: StructuringTerms | None = None
    plan: Plan | None = None
    problems: list[Problem] = field(default_factory=list)
    broken: frozenset[str] = frozenset()  # the axes on which something typed is wrong

    @classmethod
    def from_preset(cls, code: str, market: CurrencyMarket | None = None) -> RunForm:
        """The form filled in from a preset and the default assumptions, where the market stands."""
        preset = PRESETS.get(code) or PRESETS[DEFAULT_PRESET]
        chosen = dict((default_levers(market) if preset.code == DEFAULT_PRESET else preset.levers).axes)
        axes = [_axis_from_values(spec, chosen.get(spec.code)) for spec in AXES.values()]
        filters = [
            FilterInput(f.column, f.operator, typed_limit(COLUMNS[f.column], f.value)) for f in preset.levers.filters
        ]
        defaults = default_terms(readers_format(), market)
        form = cls(preset.code, axes, filters, defaults, str(settings.ATLASNEXUS_RUN_BUDGET), str(DEFAULT_SEED))
        form._check()
        return form

    @classmethod
    def from_run(cls, run: Run) -> RunForm:
        """The form filled in as an earlier run was: its levers, filters, assumptions, budget and seed."""
        chosen = run.lever_set["axes"]
        axes = [_axis_from_values(spec, chosen.get(spec.code)) for spec in AXES.values()]
        filters = [
            FilterInput(f["column"], f["operator"], typed_limit(COLUMNS[f["column"]], f["value"]))
            for f in run.hard_filters
            if f["column"] in COLUMNS
        ]
        terms = term_texts(run.terms, readers_format())
        form = cls("", axes, filters, terms, str(run.budget), str(run.seed))
        form.all_rows = run.keeps_all_rows if run.evaluated_count > ALL_ROWS_BY_DEFAULT else None
        form._check()
        return form

    @classmethod
    def from_post(cls, data: QueryDict, market: CurrencyMarket | None = None) -> RunForm:
        """The form as submitted, checked by the engine."""
        axes = [_axis_from_post(spec, data) for spec in AXES.values()]
        typed = {spec.path: str(data.get(f"term-{spec.path}", "")).strip() for spec in TERM_FIELDS}
        form = cls(
            preset=str(data.get("preset", "")),
            axes=axes,
            filters=_filters_from_post(data),
            terms_typed=typed,
            budget_typed=str(data.get("budget", "")).strip(),
            seed_typed=str(data.get("seed", "")).strip(),
            market=market,
            all_rows=True if data.get("all_rows") == "yes" else None,
        )
        form._check()
        return form

    @property
    def is_valid(self) -> bool:
        """True when a run can be requested with it."""
        return self.levers is not None and self.terms is not None and not self.problems

    @property
    def size(self) -> int:
        """Permutations in the space as it stands; 0 while an open axis has no value."""
        product = 1
        for axis in self.axes:
            product *= axis.count
        return product

    @property
    def is_empty(self) -> bool:
        """True where an open axis has no value, though nothing typed on it is wrong."""
        return any(axis.is_open and not axis.values and axis.spec.code not in self.broken for axis in self.axes)

    @property
    def evaluated_count(self) -> int:
        """Permutations the run would visit."""
        return sample_size(self.size, self.budget) if self.budget else 0

    @property
    def is_sample(self) -> bool:
        """True when the space is larger than the budget."""
        return self.evaluated_count < self.size

    @property
    def open_axes(self) -> list[AxisInput]:
        """The axes that span the space."""
        return [axis for axis in self.axes if axis.is_open]

    @property
    def standard_axes(self) -> list[AxisInput]:
        """The nine axes of the lever contract."""
        return [axis for axis in self.axes if axis.spec.code in STANDARD_AXES]

    @property
    def further_axes(self) -> list[AxisInput]:
        """Axes that stay closed unless a run opens them."""
        return [axis for axis in self.axes if axis.spec.code not in STANDARD_AXES]

    @property
    def filter_rows(self) -> list[FilterInput]:
        """Filters as typed, and empty rows up to the number offered."""
        return [*self.filters, *[FilterInput("", ">=", "")] * max(1, FILTER_ROWS - len(self.filters))]

    @property
    def term_inputs(self) -> list[TermInput]:
        """The assumptions, each with what was typed and what is wrong with it."""
        return term_inputs(self.terms_typed, self.problems)

    @property
    def general_problems(self) -> list[Problem]:
        """Problems that no field of the form shows beside itself."""
        fields = {spec.path for spec in TERM_FIELDS} | set(AXES)
        return [problem for problem in self.problems if problem.place.partition(".")[0] not in fields]

    def _check(self) -> None:
        self.problems = []
        self.levers = self._read_levers()
        self.terms = self._read_terms()
        self.budget = self._read_whole("budget", "Budget", self.budget_typed, 1, LARGEST_BUDGET)
        self.seed = self._read_whole("seed", "Seed", self.seed_typed, 0, LARGEST_SEED)
        if self.levers is not None and self.budget:
            try:
                self.plan = plan_run(self.levers, self.budget, all_rows=self.all_rows)
            except Invalid as error:
                self.problems += error.problems

    def _read_levers(self) -> LeverSet | None:
        own = [Problem("typed", axis.spec.code, text) for axis in self.axes for text in axis.problems]
        filters, filter_problems = _filter_payload(self.filters, self.numbers)
        own += filter_problems
        if not self.open_axes:
            own.append(Problem("empty_space", "axes", "The space is empty: open at least one axis."))
        self.broken = frozenset(axis.spec.code for axis in self.axes if axis.problems)
        sound = {axis.spec.code: axis.values for axis in self.open_axes if axis.spec.code not in self.broken}
        levers = None
        try:
            levers = LeverSet.from_dict({"axes": sound, "filters": filters})
        except InputProblems as error:
            own += self._beside_axes(error.problems)
        self.problems += own
        return None if own else levers

    def _beside_axes(self, problems: Iterable[Problem]) -> list[Problem]:
        by_code = {axis.spec.code: axis for axis in self.axes}
        for problem in problems:
            if problem.place in by_code:
                by_code[problem.place].problems.append(problem.message)
        return list(problems)

    def _read_terms(self) -> StructuringTerms | None:
        terms, problems = read_terms(self.terms_typed, self.numbers, self.market)
        self.problems += problems
        return terms

    def _read_whole(self, place: str, label: str, typed: str, low: int, high: int) -> int:
        found = read_number(typed, Unit.COUNT, self.numbers)
        if found.value is not None and found.value == found.value.to_integral_value() and low <= found.value <= high:
            return int(found.value)
        told = f"expected a whole number from {low:,} to {high:,}, got {shortened(typed) or 'nothing'}"
        message = f"{label}: {found.problem if found.code == 'ambiguous' else told}."
        self.problems.append(Problem("not_whole", place, message))
        return 0


def typed_terms(terms: Mapping[str, Any]) -> list[TermInput]:
    """The assumptions of a run as they would be typed."""
    return term_inputs(term_texts(terms, readers_format()))


def filter_choices() -> list[tuple[str, str]]:
    """The columns a hard filter may test, labelled with the unit to type."""
    return [(name, _filter_label(name)) for name in FILTERABLE_COLUMNS]


def _filter_label(name: str) -> str:
    column = COLUMNS[name]
    if name == "rating_notch":
        return f"{column.label}, notch or better"
    return f"{column.label}, %" if is_percent_column(column) else column.label


def _axis_from_values(spec: AxisSpec, values: Sequence[Lever] | None) -> AxisInput:
    chosen = list(values or ())
    start, stop, step = _range_typed(spec, chosen)
    return AxisInput(spec, values is not None, False, _ticks(spec, chosen), start, stop, step, chosen)


def _range_typed(spec: AxisSpec, values: Sequence[Lever]) -> tuple[str, str, str]:
    if spec.choices or spec.step is None:
        return "", "", ""
    numbers = [float(v) for v in values]
    low = min(numbers, default=spec.minimum or 0.0)
    high = max(numbers, default=spec.maximum or 0.0)
    return typed_number(low, spec.unit), typed_number(high, spec.unit), typed_number(spec.step, spec.unit)


def _axis_from_post(spec: AxisSpec, data: QueryDict) -> AxisInput:
    code = spec.code
    start, stop, step = (str(data.get(f"{name}-{code}", "")) for name in ("from", "to", "step"))
    is_open = data.get(f"open-{code}", "") == "yes"
    by_range = not spec.choices and data.get(f"mode-{code}", "") == "range"
    axis = AxisInput(spec, is_open, by_range, [], start, stop, step)
    axis.values = _range_values(axis) if by_range else _ticked_values(axis, data.getlist(f"tick-{code}"))
    axis.ticks = _ticks(spec, axis.values)
    if not is_open:
        axis.problems = []
    return axis


def _ticked_values(axis: AxisInput, typed: Sequence[Any]) -> list[Lever]:
    found: list[Lever] = []
    for text in typed:
        value = _lever(axis, str(text))
        if value is not None and value not in found:
            found.append(value)
    return found if axis.spec.is_named else sorted(found)


def _lever(axis: AxisInput, typed: str) -> Lever | None:
    return typed if axis.spec.is_named else _number(axis, typed)


def _number(axis: AxisInput, typed: str, name_of_limit: str = "") -> Lever | None:
    """The number of a text on an axis; what is wrong with it is told beside the axis.

    A named limit is held to the axis's range: each value between two that are in it is so too.
    """
    found = read_number(typed, axis.spec.unit, readers_format())
    if found.value is None:
        axis.problems.append(f"{axis.spec.label}: {found.problem}.")
        return None
    value = float(found.value)
    if name_of_limit and not _in_range(axis.spec, value):
        axis.problems.append(_range_sentence(axis.spec, name_of_limit, typed))
        return None
    return _whole_or_not(axis.spec, value)


def _in_range(spec: AxisSpec, value: float) -> bool:
    low, high = spec.minimum, spec.maximum
    return (low is None or keeps(value, ">=", low)) and (high is None or keeps(value, "<=", high))


def _range_sentence(spec: AxisSpec, what: str, typed: str) -> str:
    """What is wrong with a value out of range, in the unit that it is typed in."""
    low, high = (None if limit is None else typed_number(limit, spec.unit) for limit in (spec.minimum, spec.maximum))
    unit = f" {mark(spec.unit)}".replace(" %", "%").rstrip()
    expected = f"at least {low}" if high is None else f"at most {high}" if low is None else f"{low} to {high}"
    return f"{spec.label}{what}: expected {expected}{unit}, got {shortened(typed)}."


def _whole_or_not(spec: AxisSpec, value: float) -> Lever:
    return int(value) if spec.unit in ("years", "months") and value == int(value) else value


def _range_values(axis: AxisInput) -> list[Lever]:
    spec = axis.spec
    typed = (axis.start.strip(), axis.stop.strip(), axis.step.strip())
    if not all(typed):
        axis.problems.append(f"{spec.label}: a range needs a lowest value, a highest value and a step.")
        return []
    start, stop, step = (_number(axis, text, limit) for text, limit in zip(typed, (", from", ", to", ""), strict=True))
    if not (isinstance(start, (int, float)) and isinstance(stop, (int, float)) and isinstance(step, (int, float))):
        return []
    if step <= 0 or stop < start:
        axis.problems.append(f"{spec.label}: expected a step above 0 and a highest value not below the lowest.")
        return []
    if (stop - start) / step >= MAX_VALUES_PER_AXIS:
        axis.problems.append(f"{spec.label}: the step makes more than {MAX_VALUES_PER_AXIS:,} values; widen it.")
        return []
    values = steps(start, stop, step)
    return [_whole_or_not(spec, value) for value in values]


def _ticks(spec: AxisSpec, chosen: Sequence[Lever]) -> list[Tick]:
    offered = list(spec.choices) or [*_catalogue_values(spec)]
    extra = [value for value in chosen if value not in offered]
    every = offered + extra if spec.is_named else sorted({*offered, *extra}, key=float)
    return [Tick(_typed(spec, value), value_label(spec, value), value in chosen) for value in every[: 2 * MAX_TICKS]]


def _typed(spec: AxisSpec, value: Lever) -> str:
    return value if isinstance(value, str) else typed_number(value, spec.unit)


@cache
def _catalogue_values(spec: AxisSpec) -> Sequence[Lever]:
    """The axis's own steps: all where they are few, else those around what the presets use."""
    if spec.minimum is None or spec.maximum is None or spec.step is None:
        return ()
    every = steps(spec.minimum, spec.maximum, spec.step)
    if len(every) > MAX_TICKS:
        every = _around_presets(spec, spec.step)
    return [int(v) if spec.unit in ("years", "months") else v for v in every]


def _around_presets(spec: AxisSpec, step: float) -> tuple[float, ...]:
    used = [float(v) for preset in PRESETS.values() for v in dict(preset.levers.axes).get(spec.code, ())]
    if not used or spec.minimum is None or spec.maximum is None:
        return ()
    room = TICKS_BEYOND_PRESETS * step
    low, high = max(spec.minimum, min(used) - room), min(spec.maximum, max(used) + room)
    return steps(round(low, 10), round(high, 10), step)[:MAX_TICKS]


def _filters_from_post(data: QueryDict) -> list[FilterInput]:
    names = ("filter-column", "filter-operator", "filter-value")
    columns, operators, values = (data.getlist(name) for name in names)
    rows = zip(columns, operators, values, strict=False)
    return [FilterInput(str(c), str(o), str(v).strip()) for c, o, v in rows if c]


def _filter_payload(filters: Sequence[FilterInput], numbers: str) -> tuple[list[dict[str, Any]], list[Problem]]:
    payload, problems = [], []
    for number, row in enumerate(filters, start=1):
        column = COLUMNS.get(row.column)
        value = read_limit(column, row.value, numbers) if column else None
        if column is None or row.operator not in FILTER_OPERATORS:
            problems.append(Problem("unknown_filter", "filters", f"Filter {number}: choose a column and an operator."))
        elif value is None:
            told = limit_problem(column, row.value, numbers)
            problems.append(Problem("not_a_number", "filters", f"Filter {number}, {column.label}: {told}."))
        else:
            payload.append({"column": row.column, "operator": row.operator, "value": value})
    return payload, problems
