"""Pages of runs: configure one, watch it, explore its results, open and compare structures."""

from permutations.views.compliance import compliance, compliance_data
from permutations.views.configure import configure, space_size
from permutations.views.evidence import evidence
from permutations.views.explorer import results, results_export
from permutations.views.impact import submission_impact
from permutations.views.listing import runs_list
from permutations.views.progress import run_detail, run_rejudge, run_resume
from permutations.views.rule_trials import rules_trial
from permutations.views.simulation import simulation_detail, simulation_new
from permutations.views.stress import permutation_stress
from permutations.views.structures import compare, permutation_detail

__all__ = [
    "compare",
    "compliance",
    "compliance_data",
    "configure",
    "evidence",
    "permutation_detail",
    "permutation_stress",
    "results",
    "results_export",
    "rules_trial",
    "run_detail",
    "run_rejudge",
    "run_resume",
    "runs_list",
    "simulation_detail",
    "simulation_new",
    "space_size",
    "submission_impact",
]
