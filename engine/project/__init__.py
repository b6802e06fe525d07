"""A project as a sponsor describes it, and every figure that follows before financing."""

from engine.project.derive import DerivedInputs, OperatingYear, derive
from engine.project.inputs import (
    CAPEX_LINES,
    FIELDS,
    TENANT_RATINGS,
    Country,
    Currency,
    IndexationKind,
    InterestCover,
    LeaseType,
    ProjectInputs,
    RentBasis,
)

__all__ = [
    "CAPEX_LINES",
    "FIELDS",
    "TENANT_RATINGS",
    "Country",
    "Currency",
    "DerivedInputs",
    "IndexationKind",
    "InterestCover",
    "LeaseType",
    "OperatingYear",
    "ProjectInputs",
    "RentBasis",
    "derive",
]
