"""A project as a sponsor describes it, and every figure that follows before financing."""

from engine.project.derive import DerivedInputs, OperatingYear, derive
from engine.project.inputs import (
    CAPEX_LINES,
    FIELDS,
    TENANT_RATINGS,
    Country,
    Currency,
    DebtForm,
    DrawProfile,
    IndexationKind,
    InterestCover,
    LeaseType,
    ProjectInputs,
    RentBasis,
)
from engine.project.land import TRANSFER_TAX_PLACES, Land, StampDutyBasis, banded_tax_amount

__all__ = [
    "CAPEX_LINES",
    "FIELDS",
    "TENANT_RATINGS",
    "TRANSFER_TAX_PLACES",
    "Country",
    "Currency",
    "DebtForm",
    "DerivedInputs",
    "DrawProfile",
    "IndexationKind",
    "InterestCover",
    "Land",
    "LeaseType",
    "OperatingYear",
    "ProjectInputs",
    "RentBasis",
    "StampDutyBasis",
    "banded_tax_amount",
    "derive",
]
