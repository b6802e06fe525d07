"""Pages of runs: configure one, watch it, explore its results, open what it found as financings."""

from permutations.views.best import run_best
from permutations.views.configure import configure, space_size
from permutations.views.explorer import results, results_export
from permutations.views.impact import submission_impact
from permutations.views.listing import runs_list
from permutations.views.progress import run_detail, run_name, run_rejudge, run_resume
from permutations.views.rule_trials import rules_trial
from permutations.views.search import search_detail, search_new, search_point
from permutations.views.structures import permutation, run_compare

__all__ = [
    "configure",
    "permutation",
    "results",
    "results_export",
    "rules_trial",
    "run_best",
    "run_compare",
    "run_detail",
    "run_name",
    "run_rejudge",
    "run_resume",
    "runs_list",
    "search_detail",
    "search_new",
    "search_point",
    "space_size",
    "submission_impact",
]
