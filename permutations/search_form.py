"""What a person asks of a search, as typed: objective, limits, levers, seed and effort.

Every limit and every sentence about it is the engine's own; a blank asks for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from engine.basics.fields import FieldKind, FieldSpec, Reader, nested
from engine.deal.axes import AXES, AxisSpec, Lever
from engine.deal.columns import ColumnSpec
from engine.errors import Problem
from engine.permutations import LeverSet
from engine.permutations.search import EQUITY_RATIO, GOALS, MEASURES
from engine.permutations.search.terms import (
    DEFAULT_EFFORT,
    DEFAULT_SEED,
    LARGEST_SEED,
    LEAST_EFFORT,
    LIMIT_OPERATORS,
    MOST_EFFORT,
    is_continuous,
)
from engine.ratings import notch_of
from financings.typed import WORDS, is_percent_column, limit_problem, read_limit, value_label
from lib.figures import readers_format
from lib.numbers import shortened
from permutations.models import Run
from ratings.typed_fields import TypedField, fields_of, payload, posted, texts

FURTHER_ROWS = 3
RATING = "rating_notch"
_N, _I = FieldKind.NUMBER, FieldKind.INTEGER
# Limits with a field of their own: the column and the operator they set.
LIMITS: dict[str, tuple[str, str]] = {
    "equity": (EQUITY_RATIO, ">="),
    "worst_stress": ("worst_stressed_dscr", ">="),
    "stresses": ("stress_passed", ">="),
}
FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("equity", "Equity of all uses, at least", _N, "share", minimum=0, maximum=1),
    FieldSpec("worst_stress", "DSCR in the worst stress, at least", _N, "times", minimum=0, maximum=10),
    FieldSpec("stresses", "Every stress is survived", FieldKind.FLAG),
)
EFFORT_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("effort", "Structures tried", _I, "count", DEFAULT_EFFORT, minimum=LEAST_EFFORT, maximum=MOST_EFFORT,
              help="By evolution; those tried beside the best come on top."),
    FieldSpec("seed", "Seed", _I, "count", DEFAULT_SEED, minimum=0, maximum=LARGEST_SEED),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FurtherLimit:
    """A limit on any other column, as typed."""

    column: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class LeverInput:
    """A lever of the run: its ends where it has a range, else one of its values or any."""

    spec: AxisSpec
    ends: tuple[TypedField, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    chosen: str = ""


@dataclass(slots=True)
class SearchForm:
    """A search as typed, over the levers of one run."""

    run: Run
    objective: str
    rating: str
    typed: dict[str, str]
    further: list[FurtherLimit]
    chosen: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def blank(cls, run: Run) -> SearchForm:
        """The form with the run's own objective and minimum rating, and its levers between their ends."""
        axes = LeverSet.from_dict(run.lever_set).axes
        ends = {path: value for code, values in axes for path, value in _own_ends(AXES[code], values)}
        specs = [*EFFORT_FIELDS, *_end_specs(axes)]
        typed = texts(specs, {spec.path: spec.default for spec in EFFORT_FIELDS} | ends)
        objective = run.objective if run.objective in GOALS else next(iter(GOALS))
        return cls(run, objective, str(run.terms["minimum_rating"]), typed, [], {})

    @classmethod
    def from_post(cls, run: Run, data: QueryDict) -> SearchForm:
        """The form as submitted; what a shorter form leaves out is the run's own."""
        form = cls.blank(run)
        form.typed |= {path: text for path, text in posted(form.specs, data, "").items() if path in data}
        form.objective = str(data.get("objective", form.objective))
        form.rating = str(data.get("rating", form.rating))
        names = ("limit-column", "limit-operator", "limit-value")
        rows = zip(*(data.getlist(name) for name in names), strict=False)
        form.further = [FurtherLimit(str(c), str(o), str(v).strip()) for c, o, v in rows if c]
        form.chosen = {code: str(data.get(f"only-{code}", "")) for code, _ in form.axes}
        return form

    @property
    def axes(self) -> tuple[tuple[str, tuple[Lever, ...]], ...]:
        """The run's levers and their values."""
        return LeverSet.from_dict(self.run.lever_set).axes

    @property
    def specs(self) -> list[FieldSpec]:
        """Every field in which something is typed."""
        return [*FIELDS, *EFFORT_FIELDS, *_end_specs(self.axes)]

    @property
    def limit_fields(self) -> list[TypedField]:
        """Limits that have a field of their own."""
        return fields_of(FIELDS, self.typed, "", self.problems)

    @property
    def effort_fields(self) -> list[TypedField]:
        """How long it searches, and from which seed."""
        return fields_of(EFFORT_FIELDS, self.typed, "", self.problems)

    @property
    def levers(self) -> list[LeverInput]:
        """The run's levers as they are searched."""
        return [self._lever(code, values) for code, values in self.axes]

    @property
    def further_rows(self) -> list[FurtherLimit]:
        """Further limits, and empty rows up to the number offered."""
        return [*self.further, *[FurtherLimit("", ">=", "")] * max(0, FURTHER_ROWS - len(self.further))]

    @property
    def general_problems(self) -> list[str]:
        """Problems that no field shows beside itself."""
        known = {spec.path for spec in self.specs}
        return [problem.message for problem in self.problems if problem.place not in known]

    def terms(self) -> dict[str, Any]:
        """The terms for the engine; what is wrong with them by itself is a problem already."""
        reader = Reader(self.specs, nested(payload(self.specs, self.typed)))
        read = reader.read()
        self.problems = reader.problems
        if self.rating not in ratings_of(self.run):
            message = (
                f"Minimum rating: expected one of {', '.join(ratings_of(self.run))}, got {shortened(self.rating)!r}."
            )
            self.problems.append(Problem("not_a_choice", "rating", message))
        return {
            "objective": self.objective,
            "limits": [*self._limits(read), *self._further_limits()],
            "levers": dict(self._searched(read)),
            **{spec.path: read[spec.path] for spec in EFFORT_FIELDS},
        }

    def tell(self, problems: Sequence[Problem]) -> None:
        """Nothing; the engine's problems with a lever's range stand beside its lower end."""
        known = {spec.path for spec in self.specs}
        self.problems += [
            Problem(p.code, end if (end := f"{p.place}.from") in known else p.place, p.message) for p in problems
        ]

    def _limits(self, read: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        yield {"column": RATING, "operator": "<=", "value": float(notch_of(self.rating))}
        for path, (column, operator) in LIMITS.items():
            if read[path]:
                yield {"column": column, "operator": operator, "value": float(read[path])}

    def _further_limits(self) -> Iterator[dict[str, Any]]:
        for number, row in enumerate(self.further, start=1):
            column = MEASURES.get(row.column)
            value = read_limit(column, row.value, readers_format()) if column else None
            if column is None or row.operator not in LIMIT_OPERATORS:
                message = f"Further limit {number}: choose a figure and an operator."
                self.problems.append(Problem("unknown_limit", "further", message))
            elif value is None:
                told = limit_problem(column, row.value, readers_format())
                self.problems.append(
                    Problem("not_a_number", "further", f"Further limit {number}, {column.label}: {told}.")
                )
            else:
                yield {"column": row.column, "operator": row.operator, "value": value}

    def _searched(self, read: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for code, values in self.axes:
            spec = AXES[code]
            if _has_range(spec, values):
                yield code, {end: read[f"{code}.{end}"] for end in ("from", "to") if read[f"{code}.{end}"] is not None}
            elif only := [value for value in values if self.chosen.get(code) == str(value)]:
                yield code, only

    def _lever(self, code: str, values: tuple[Lever, ...]) -> LeverInput:
        spec = AXES[code]
        if _has_range(spec, values):
            return LeverInput(spec, tuple(fields_of(_ends(spec), self.typed, "", self.problems)))
        options = tuple((str(value), value_label(spec, value)) for value in values)
        return LeverInput(spec, (), options, self.chosen.get(code, ""))


def further_columns() -> list[tuple[str, str]]:
    """The figures that a further limit may be of, with the unit to type."""
    taken = {RATING, *(column for column, _ in LIMITS.values())}
    return [(name, _label(spec)) for name, spec in MEASURES.items() if name not in taken and _is_figure(spec)]


def objectives() -> list[tuple[str, str]]:
    """What can be looked for."""
    return [(code, WORDS[code]) for code in GOALS]


def ratings_of(run: Run) -> list[str]:
    """The ratings of the run's rules in its country, from the best down to its minimum."""
    rows = run.rule_set.terms().rows_for(run.snapshot.content["country"])
    minimum = notch_of(run.terms["minimum_rating"])
    return [row.rating for row in rows if row.notch <= minimum]


def _is_figure(spec: ColumnSpec) -> bool:
    return spec.unit not in ("code", "flag") and spec.name != "stress_key"


def _label(spec: ColumnSpec) -> str:
    return f"{spec.label}, %" if is_percent_column(spec) else spec.label


def _has_range(spec: AxisSpec, values: Sequence[Lever]) -> bool:
    return is_continuous(spec) and len(values) > 1


def _ends(spec: AxisSpec) -> tuple[FieldSpec, ...]:
    words = {"from": "lowest", "to": "highest"}
    return tuple(
        FieldSpec(
            f"{spec.code}.{end}", f"{spec.label}, {word}", _N, spec.unit, minimum=spec.minimum, maximum=spec.maximum
        )
        for end, word in words.items()
    )


def _end_specs(axes: Sequence[tuple[str, tuple[Lever, ...]]]) -> list[FieldSpec]:
    return [end for code, values in axes if _has_range(AXES[code], values) for end in _ends(AXES[code])]


def _own_ends(spec: AxisSpec, values: Sequence[Lever]) -> Iterator[tuple[str, float]]:
    if _has_range(spec, values):
        numbers = [float(value) for value in values]
        yield from ((f"{spec.code}.from", min(numbers)), (f"{spec.code}.to", max(numbers)))
