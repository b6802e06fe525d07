"""What a strategy's version says of its signal, and what a run of it is asked beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems, Problem
from engine.strategies.price_factors import PRICE_FACTORS
from engine.strategies.recipes import Cadence, Factor, Recipe, read_recipe, recipe_content
from lib.errors import Invalid
from lib.text import label_of
from strategies.models import DatasetKind, StrategyVersion, Universe
from strategies.queries import latest_dataset

# A new strategy's: it needs prices alone.
DEFAULT_RECIPE = Recipe((Factor("momentum_12_1"), Factor("low_volatility")), least_factors=1, decay_ratio=0.3)
CADENCE_WORDS = {
    Cadence.DAILY: "Every day",
    Cadence.WEEKLY: "On the first day of a week",
    Cadence.MONTHLY: "On the first day of a month",
}
# Our own columns in words; those of a file go by its headers.
COLUMN_LABELS = {"momentum_12_1": "Momentum, 12-1", "momentum_6_1": "Momentum, 6-1", "low_volatility": "Low volatility"}
RUN_FIELDS = (
    FieldSpec("horizon_days", "Horizon, trading days", FieldKind.INTEGER, "count", 21, minimum=1, maximum=252,
              help="Over which the return after a score is measured."),
    FieldSpec("lag_days", "Days before it begins", FieldKind.INTEGER, "count", 1, minimum=1, maximum=21,
              help="A score of a day's close cannot be traded at that close."),
    FieldSpec("buckets", "Groups by score", FieldKind.INTEGER, "count", 5, minimum=2, maximum=10),
)  # fmt: skip


def column_label(name: str) -> str:
    """A column as a page calls it."""
    return COLUMN_LABELS.get(name) or label_of(name)


def default_signal() -> dict[str, Any]:
    """The recipe that a strategy begins with, as content."""
    return recipe_content(DEFAULT_RECIPE)


def recipe_of(version: StrategyVersion) -> Recipe:
    """The recipe of a version; one that says nothing has the default."""
    return recipe_in(version.content)


def recipe_in(content: Mapping[str, Any]) -> Recipe:
    """The recipe in a version's content."""
    said = content.get("signal")
    return read_recipe(said) if said else DEFAULT_RECIPE


def read_run_terms(terms: Mapping[str, Any]) -> dict[str, Any]:
    """The terms of a run with what was left out filled in; Invalid with every fault."""
    reader = Reader(RUN_FIELDS, terms)
    values = reader.read()
    if reader.problems:
        raise Invalid(reader.problems)
    return values


def read_signal(content: Mapping[str, Any], universe: Universe) -> Recipe:
    """A recipe somebody typed; Invalid with every fault, columns that the universe has not among them."""
    try:
        recipe = read_recipe(content)
    except InputProblems as error:
        raise Invalid(error.problems) from error
    known = candidates(universe)
    lacking = [name for name in recipe.fields if name not in known]
    if lacking:
        raise Invalid(
            Problem("unknown_column", f"column.{name}", f"{name} is no column of the data of {universe}.")
            for name in lacking
        )
    return recipe


def candidates(universe: Universe) -> dict[str, str]:
    """The columns that a recipe may read, each with where it comes from."""
    factors = latest_dataset(universe, DatasetKind.FACTORS)
    own = dict.fromkeys(factors.summary["fields"], f"{factors}") if factors else {}
    return own | {name: f"Prices: {words}" for name, words in PRICE_FACTORS.items() if name not in own}
