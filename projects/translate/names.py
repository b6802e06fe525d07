"""The source platform's names and words, turned into the engine's."""

from collections.abc import Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

from engine.basics.fields import lookup
from engine.errors import Problem

# The source platform's field names of the capex lines, as its detailed form and its exports write them.
PLATFORM_CAPEX_NAMES = {
    "Architectural": "architectural",
    "CivilStructural": "civil_structural",
    "Substations": "substations",
    "UndergroundUtilities": "underground_utilities",
    "CrusaderModules": "crusader_modules",
    "Bess": "bess",
    "MainContractorInstallation": "main_contractor_installation",
    "PhotovoltaicSystem": "photovoltaic_system",
    "Landscaping": "landscaping",
    "PreliminariesGeneral": "preliminaries_general",
    "MainContractorMargin": "main_contractor_margin",
    "Connection": "connection",
    "Land": "land",
    "OperationsTeam": "operations_team",
    "OSE": "ose",
    "Marketing": "marketing",
}
_SIDE_PREFIX = {"internal": "build", "market": "market"}
# The source platform's words for how construction interest is met.
PLATFORM_COVERS = {"pik": "capitalised"}
COVERS_NOT_MODELLED = {
    "insurance": "an insurer",
    "sponsor_equity": "the sponsor's equity",
    "lc": "a letter of credit",
    "mixed": "several sources",
}
COVER_PLACES = ("construction.senior_cover", "construction.mezz_cover")


def canonical_names(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload with the source platform's capex names (buildBess, marketBess) and words (pik) turned into ours.

    >>> canonical_names({"capex": {"internal": {"buildBess": 5, "buildConstructionFeePercent": 1.5}}})
    {'capex': {'internal': {'lines': {'bess': 5}, 'construction_fee_rate': 0.015}}}
    """
    copy: dict[str, Any] = {key: deepcopy(value) for key, value in payload.items()}
    construction = copy.get("construction")
    if isinstance(construction, dict):
        copy["construction"] = {key: _cover_word(key, value) for key, value in construction.items()}
    capex = copy.get("capex")
    if isinstance(capex, dict):
        copy["capex"] = {
            side: _side_by_code(group, _SIDE_PREFIX[side])
            if side in _SIDE_PREFIX and isinstance(group, dict)
            else group
            for side, group in capex.items()
        }
    return copy


def in_own_words(problem: Problem, payload: Mapping[str, Any]) -> Problem:
    """The problem; where it is a word of the source platform that the engine has no model for, one that says so."""
    word = lookup(payload, problem.place) if problem.place in COVER_PLACES else None
    if not isinstance(word, str) or word not in COVERS_NOT_MODELLED:
        return problem
    message = (
        f"Interest in construction met by {COVERS_NOT_MODELLED[word]} ({word}) is not modelled: choose dsra, "
        "capitalised, or none where it is paid from outside the structure."
    )
    return Problem("not_modelled", problem.place, message)


def _cover_word(key: str, value: Any) -> Any:
    is_cover = f"construction.{key}" in COVER_PLACES and isinstance(value, str)
    return PLATFORM_COVERS.get(value, value) if is_cover else value


def _side_by_code(group: dict[str, Any], prefix: str) -> dict[str, Any]:
    side = dict(group)
    lines = {
        code: side.pop(f"{prefix}{name}") for name, code in PLATFORM_CAPEX_NAMES.items() if f"{prefix}{name}" in side
    }
    if lines and isinstance(side.get("lines", {}), dict):
        side["lines"] = {**lines, **side.get("lines", {})}
    percent = side.pop(f"{prefix}ConstructionFeePercent", None)
    if isinstance(percent, int | float | Decimal) and not isinstance(percent, bool):
        side["construction_fee_rate"] = float(Decimal(str(percent)) / 100)
    elif percent is not None:
        side["construction_fee_rate"] = percent
    return side
