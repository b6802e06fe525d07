"""The catalogue of a run's columns: a financing's results between its levers and its rank."""

from __future__ import annotations

from engine.basics.units import Unit
from engine.deal.axes import AXES
from engine.deal.columns import RESULT_COLUMNS, ColumnSpec

TIERS: dict[int, str] = {0: "Not viable", 1: "Bronze", 2: "Silver", 3: "Gold", 4: "Diamond"}

_U = Unit
LEVER_COLUMNS = tuple(ColumnSpec(a.code, a.label, Unit(a.unit), "lever", a.help) for a in AXES.values())
RANK_ONLY = (
    ColumnSpec("score", "Score", _U.SHARE, "rank", "Weighted day-one value, stability, rating and simplicity."),
    ColumnSpec("percentile", "Percentile", _U.SHARE, "rank", "Position by score among all evaluated permutations, from the top."),
    ColumnSpec("tier", "Tier", _U.CODE, "rank", "Not viable, Bronze, Silver, Gold, Diamond.", "int8"),
    ColumnSpec("rank", "Rank", _U.COUNT, "rank", "By the run's objective; ties by score, then index.", "int64"),
    ColumnSpec("merged_count", "Merged", _U.COUNT, "rank", "Permutations with this same outcome.", "int64"),
)  # fmt: skip
INDEX = ColumnSpec("index", "Permutation", Unit.COUNT, "lever", "Number within the run's space.", "int64")
COLUMNS: dict[str, ColumnSpec] = {c.name: c for c in (INDEX, *LEVER_COLUMNS, *RESULT_COLUMNS, *RANK_ONLY)}

# What rank() reads of the permutations that passed or nearly did.
RANK_COLUMNS: tuple[str, ...] = (
    "index", "gate", "near_miss", "senior_amount", "mezz_amount", "equity_proceeds_amount", "day_one_value", "wacc_rate",
    "sponsor_irr_rate", "dscr_minimum", "dscr_average", "worst_stressed_dscr", "rating_notch", "stability_ratio",
    "stress_passed", "instruments", "flags",
)  # fmt: skip
