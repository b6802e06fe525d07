"""Panels for the tests: the reference cases, and drawn ones of a stated shape."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from engine.strategies.panel_rows import PanelRows, grid_of, rows_of
from engine.strategies.panels import Days, Floats, Panel
from engine.strategies.recipes import Factor, Recipe

REFERENCE = Path(__file__).parent / "reference"
FACTORS = ("momentum_12_1", "ev_ebitda", "roe")
SIZE = "market_cap_m"
RECIPE = Recipe(
    (Factor("momentum_12_1", 0.40), Factor("ev_ebitda", 0.35, -1), Factor("roe", 0.25)),
    size_field=SIZE, least_factors=2, decay_ratio=0.6,
)  # fmt: skip


def table(name: str) -> list[dict[str, str]]:
    """The rows of a reference file."""
    with (REFERENCE / name).open() as lines:
        return list(csv.DictReader(lines))


def rows_from(lines: list[dict[str, str]], fields: tuple[str, ...]) -> PanelRows:
    """Lines of a reference file as rows of a panel."""
    dates = np.array([line["date"] for line in lines], "datetime64[D]")
    values = {name: np.array([float(line[name] or "nan") for line in lines]) for name in fields}
    return rows_of(dates, [line["id"] for line in lines], values)


def factor_panel() -> Panel:
    return grid_of(rows_from(table("factor_panel.csv"), (*FACTORS, SIZE)))


def sectors() -> dict[str, str]:
    return {line["id"]: line["sector"] for line in table("factor_panel.csv")}


def expected(step: str) -> Floats:
    return grid_of(rows_from(table("factor_expected.csv"), (step,)))[step]


def weekdays(count: int, first: str = "2020-01-01") -> Days:
    return np.busday_offset(first, np.arange(count), roll="forward").astype("datetime64[D]")


def drawn_panel(seed: int, days: int, names: int, fields: tuple[str, ...] = FACTORS, gaps: float = 0.1) -> Panel:
    """Normal figures with gaps, and a market value."""
    rng = np.random.default_rng(seed)
    shape = (days, names)
    grids = {name: np.where(rng.random(shape) < gaps, np.nan, rng.normal(size=shape)) for name in fields}
    grids[SIZE] = np.exp(rng.normal(8, 1, size=shape))
    return Panel(weekdays(days), tuple(f"N{number:04}" for number in range(names)), grids)


def drawn_sectors(names: tuple[str, ...], count: int = 3) -> dict[str, str]:
    return {name: f"sector {number % count}" for number, name in enumerate(names)}
