"""The signal of a version on its datasets: what was known when, of those who were members."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.strategies.panel_rows import point_in_time
from engine.strategies.panels import Floats, Panel
from engine.strategies.price_factors import PRICE_FACTORS, price_factors
from engine.strategies.recipes import Recipe
from engine.strategies.signals import Facts, Signal, run_recipe
from strategies.frames import read_frame
from strategies.members import members_by_day, sectors_of
from strategies.models import DatasetKind, StrategyVersion, Universe
from strategies.signal_terms import recipe_of
from strategies.translate import panel_of, panel_rows_of

MOST_AGE_DAYS = 400  # a figure of a yearly report stands until the next one is late


def signal_of(version: StrategyVersion, datasets: Mapping[str, str]) -> tuple[Panel, Signal]:
    """The prices of the universe's names and the version's signal on their days; `datasets` are hashes by kind."""
    universe = version.strategy.universe
    prices = prices_of(universe, datasets)
    return prices, signal_on(universe, recipe_of(version), prices, datasets)


def signal_on(universe: Universe, recipe: Recipe, prices: Panel, datasets: Mapping[str, str]) -> Signal:
    """The signal of a recipe on the days of these prices."""
    facts = Facts(sectors_of(universe), members_by_day(universe, prices.days, prices.names))
    if recipe.by_sector and not any(facts.sector.values()):
        recipe = replace(recipe, by_sector=False)
    return run_recipe(columns_of(recipe, prices, datasets), facts, recipe)


def prices_of(universe: Universe, datasets: Mapping[str, str]) -> Panel:
    """The prices of those who ever were members."""
    prices = panel_of(datasets[DatasetKind.PRICES])
    idents = {row["ident"] for row in universe.members}
    kept = [place for place, name in enumerate(prices.names) if not idents or name in idents]
    fields = {name: grid[:, kept] for name, grid in prices.fields.items()}
    return Panel(prices.days, tuple(prices.names[place] for place in kept), fields)


def columns_of(recipe: Recipe, prices: Panel, datasets: Mapping[str, str]) -> Panel:
    """The columns that the recipe reads, on the days of the prices."""
    found = _factors(recipe, prices, datasets)
    if (set(recipe.fields) - set(found)) & set(PRICE_FACTORS):
        found = {**price_factors(prices).fields, **found}
    return Panel(prices.days, prices.names, {name: found[name] for name in recipe.fields if name in found})


def _factors(recipe: Recipe, prices: Panel, datasets: Mapping[str, str]) -> dict[str, Floats]:
    file_hash = datasets.get(DatasetKind.FACTORS)
    if file_hash is None:
        return {}
    rows = panel_rows_of(read_frame(file_hash))
    wanted = {name: figures for name, figures in rows.values.items() if name in recipe.fields}
    return dict(point_in_time(replace(rows, values=wanted), prices.days, prices.names, MOST_AGE_DAYS).fields)
