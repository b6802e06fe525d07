"""Signal recipes as typed terms, read from content and written back; every problem with its place.

A place is the path into the content: `factors.1.weight`, `least_factors`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems, Problem

MOST_FACTORS = 20


class Cadence(StrEnum):
    """When a score is worked out anew: on every day, or on the first day of a week or month.

    The first day is known when it comes; the last day only when the next month has begun.
    """

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Factor:
    """A column of the panel with its sign (1: high is good, -1: low is good) and its weight."""

    field: str
    weight: float = 1.0
    sign: int = 1


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a score is made of factors.

    `winsorise_share` is cut at each end (0 cuts nothing); `size_field` is empty where size is not neutralised;
    `decay_ratio` is the share of the previous score that is kept.
    """

    factors: tuple[Factor, ...]
    winsorise_share: float = 0.05
    by_sector: bool = True
    size_field: str = ""
    least_factors: int = 1
    decay_ratio: float = 0.0
    cadence: Cadence = Cadence.MONTHLY

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that the recipe reads."""
        named = tuple(factor.field for factor in self.factors)
        return (*named, self.size_field) if self.size_field else named


FACTOR_FIELDS = (
    FieldSpec("field", "Column", FieldKind.TEXT, required=True, maximum=60),
    FieldSpec("weight", "Weight", FieldKind.NUMBER, "factor", 1.0, minimum=0, maximum=1000, exclusive_minimum=True,
              help="Weights count against each other: they need not add up to 1."),
    FieldSpec("sign", "Sign", FieldKind.INTEGER, "factor", 1, minimum=-1, maximum=1,
              help="1 where a high figure is good, -1 where a low one is."),
)  # fmt: skip
RECIPE_FIELDS = (
    FieldSpec("winsorise_share", "Winsorise at each end", FieldKind.NUMBER, "share", 0.05, minimum=0, maximum=0.25,
              help="Figures beyond this quantile are set on it; 0 leaves all as they are."),
    FieldSpec("by_sector", "Neutralise by sector", FieldKind.FLAG, "flag", True),
    FieldSpec("size_field", "Neutralise by size, column", FieldKind.TEXT, default="", maximum=60,
              help="The column of market values; empty leaves size in the score."),
    FieldSpec("least_factors", "Factors needed for a score", FieldKind.INTEGER, "count", 1, minimum=1,
              maximum=MOST_FACTORS, help="A name with fewer figures than this gets no new score."),
    FieldSpec("decay_ratio", "Share of the previous score kept", FieldKind.NUMBER, "share", 0.0, minimum=0, maximum=0.99),
    FieldSpec("cadence", "Worked out", FieldKind.CHOICE, default=Cadence.MONTHLY.value, choices=tuple(Cadence)),
)  # fmt: skip


def read_recipe(content: Any) -> Recipe:
    """The recipe in plain content; every fault is told at once."""
    if not isinstance(content, Mapping):
        raise InputProblems([Problem("not_fields", "recipe", "A recipe is a set of fields with a list of factors.")])
    reader = Reader(RECIPE_FIELDS, {key: value for key, value in content.items() if key != "factors"})
    values = reader.read()
    factors, problems = _read_factors(content.get("factors"))
    problems = [*reader.problems, *problems, *_problems_together(values, factors)]
    if problems:
        raise InputProblems(problems)
    return Recipe(factors=tuple(factors), **values | {"cadence": Cadence(values["cadence"])})


def recipe_content(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain content, fit for JSON."""
    content = asdict(recipe)
    return content | {"factors": list(content["factors"]), "cadence": recipe.cadence.value}


def _read_factors(rows: Any) -> tuple[list[Factor], list[Problem]]:
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not rows:
        return [], [Problem("missing", "factors", "Factors are missing: a score needs at least one.")]
    if len(rows) > MOST_FACTORS:
        return [], [Problem("too_many", "factors", f"Factors: expected at most {MOST_FACTORS}, got {len(rows)}.")]
    found: list[Factor] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows):
        factor, faults = _read_factor(row)
        found += [factor] if factor else []
        problems += [Problem(each.code, f"factors.{number}.{each.place}", each.message) for each in faults]
    return found, problems


def _read_factor(row: Any) -> tuple[Factor | None, list[Problem]]:
    if not isinstance(row, Mapping):
        return None, [Problem("not_fields", "field", "A factor is a column with a weight and a sign.")]
    reader = Reader(FACTOR_FIELDS, row)
    values = reader.read()
    if not reader.problems and values["sign"] == 0:
        reader.problems.append(Problem("out_of_range", "sign", "Sign: expected 1 or -1, got 0."))
    return (None, reader.problems) if reader.problems else (Factor(**values), [])


def _problems_together(values: Mapping[str, Any], factors: Sequence[Factor]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, factor in enumerate(factors):
        if factor.field in seen:
            yield Problem("twice", f"factors.{number}.field", f"{factor.field} is a factor already: raise its weight.")
        seen.add(factor.field)
    least = values["least_factors"]
    if factors and least is not None and least > len(factors):
        message = f"Factors needed for a score: expected at most {len(factors)}, the number of factors, got {least}."
        yield Problem("out_of_range", "least_factors", message)
