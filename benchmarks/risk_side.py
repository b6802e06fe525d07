"""Stress and simulation of one structure of the demo project, warm, in this process."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from engine.deal import Choice, Deal
from engine.project import ProjectInputs
from engine.ratings import RuleSet
from engine.risk import SimulationTerms, simulate, summarise
from engine.stress import DRIVERS, heat_map, reverse_stress, run_scenarios, standard_grid, tornado
from engine.terms import StructuringTerms

ROOT = Path(__file__).resolve().parent.parent
LEVERS = {
    "senior_tenor_years": 18, "senior_amortisation": "annuity", "senior_coupon_rate": 0.05, "senior_dscr": 1.25,
    "mezz_dscr": 1.10, "mezz_coupon_rate": 0.08,
}  # fmt: skip
PATHS = 10_000


def demo_deal() -> Deal:
    """One structure of the demo project."""
    inputs = json.loads((ROOT / "projects/data/demo_project.json").read_text())["inputs"]
    rules = json.loads((ROOT / "ratings/data/uk_eu_us_v2.json").read_text())["content"]
    return Deal(
        ProjectInputs.from_dict(inputs),
        StructuringTerms.from_dict(),
        RuleSet.from_dict(rules),
        Choice.from_dict(LEVERS),
    )


def risk_seconds() -> list[tuple[str, float, str]]:
    """What was done, its seconds (best of three), and the aim."""
    deal = demo_deal()
    grid = standard_grid(deal)
    return [
        (f"standard grid and {len(grid)} scenarios more", _best(lambda: run_scenarios(deal, (*grid, *grid))), "1 s"),
        ("reverse stress, tornado, heat map of 49", _best(lambda: _all_else(deal)), "1 s"),
        (f"simulation, {PATHS:,} paths and summary", _best(lambda: _simulation(deal)), "2 s"),
    ]


def _all_else(deal: Deal) -> None:
    steps = [k / 20 for k in range(7)]
    reverse_stress(deal, tuple(DRIVERS))
    tornado(deal)
    heat_map(deal, "vacancy", steps, "opex", steps)


def _simulation(deal: Deal) -> None:
    summarise(simulate(deal, SimulationTerms.from_dict({"paths": PATHS})))


def _best(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(4):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    # The first may compile.
    return min(seconds[1:])
