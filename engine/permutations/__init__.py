"""The permutation space, its walk through the gates, and the ranking of what survives."""

from engine.basics.units import Unit
from engine.deal.axes import AXES, STANDARD_AXES, AxisSpec, Layer
from engine.deal.columns import FLAGS, REPO_VERDICTS, RESULT_COLUMNS, STRESS_COLUMNS, ColumnSpec
from engine.deal.reasons import GATES, REASONS
from engine.deal.setting import Scenario
from engine.debt.kinds import AMORTISATIONS
from engine.permutations.case import Case
from engine.permutations.columns import COLUMNS, RANK_COLUMNS, TIERS
from engine.permutations.detail import PermutationDetail, evaluate_permutation
from engine.permutations.evaluate import Evaluated, GateCounts, evaluate, evaluate_alive
from engine.permutations.levers import (
    DEFAULT_LEVERS,
    FILTERABLE_COLUMNS,
    PRESETS,
    HardFilter,
    LeverSet,
    Preset,
    default_levers,
    indices,
    permutation_id,
    sample_size,
    steps,
)
from engine.permutations.rank import (
    Alive,
    Outcomes,
    Ranked,
    RankedBlock,
    Ranking,
    Scale,
    Scores,
    Standing,
    Survey,
    rank,
    ranked_block,
    tier_counts_of,
)
from engine.ratings.criteria import CRITERIA

__all__ = [
    "AMORTISATIONS",
    "AXES",
    "COLUMNS",
    "CRITERIA",
    "DEFAULT_LEVERS",
    "FILTERABLE_COLUMNS",
    "FLAGS",
    "GATES",
    "PRESETS",
    "RANK_COLUMNS",
    "REASONS",
    "REPO_VERDICTS",
    "RESULT_COLUMNS",
    "STANDARD_AXES",
    "STRESS_COLUMNS",
    "TIERS",
    "Alive",
    "AxisSpec",
    "Case",
    "ColumnSpec",
    "Evaluated",
    "GateCounts",
    "HardFilter",
    "Layer",
    "LeverSet",
    "Outcomes",
    "PermutationDetail",
    "Preset",
    "Ranked",
    "RankedBlock",
    "Ranking",
    "Scale",
    "Scenario",
    "Scores",
    "Standing",
    "Survey",
    "Unit",
    "default_levers",
    "evaluate",
    "evaluate_alive",
    "evaluate_permutation",
    "indices",
    "permutation_id",
    "rank",
    "ranked_block",
    "sample_size",
    "steps",
    "tier_counts_of",
]
