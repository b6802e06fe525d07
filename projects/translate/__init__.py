"""The only border between rows, forms and JSON on one side and the engine's terms on the other."""

from projects.translate.check import CheckedInputs, check_inputs, project_inputs, snapshot_inputs
from projects.translate.figures import FiguresSoFar, figures_so_far
from projects.translate.names import PLATFORM_CAPEX_NAMES, canonical_names
from projects.translate.plain import cents, plain_json
from projects.translate.quick import ENTERED, PER_MW, QUICK_FIELDS, quick_payload, quick_values
from projects.translate.transfer_taxes import TransferTax, tax_of, taxes_on_file

__all__ = [
    "ENTERED",
    "PER_MW",
    "PLATFORM_CAPEX_NAMES",
    "QUICK_FIELDS",
    "CheckedInputs",
    "FiguresSoFar",
    "TransferTax",
    "canonical_names",
    "cents",
    "check_inputs",
    "figures_so_far",
    "plain_json",
    "project_inputs",
    "quick_payload",
    "quick_values",
    "snapshot_inputs",
    "tax_of",
    "taxes_on_file",
]
