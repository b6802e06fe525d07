"""Pages of financings: one in full, its stress, simulations, evidence and compliance report; listed, typed, compared."""

from financings.views.calculations import calculation, calculations
from financings.views.compare import compare_workbook
from financings.views.compliance import compliance, compliance_data
from financings.views.evidence import evidence
from financings.views.listing import all_financings, financings_list
from financings.views.page import financing
from financings.views.simulation import simulation_detail, simulation_new
from financings.views.stress import financing_stress
from financings.views.typing import financing_new

__all__ = [
    "all_financings",
    "calculation",
    "calculations",
    "compare_workbook",
    "compliance",
    "compliance_data",
    "evidence",
    "financing",
    "financing_new",
    "financing_stress",
    "financings_list",
    "simulation_detail",
    "simulation_new",
]
