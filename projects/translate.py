"""The only border between rows, forms and JSON on one side and the engine's terms on the other."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from engine.basics.fields import Reader, lookup, nested
from engine.errors import InputProblems, Problem
from engine.project import CAPEX_LINES, FIELDS, ProjectInputs
from projects.models import Project, Snapshot

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


@dataclass(frozen=True, slots=True)
class CheckedInputs:
    """A payload after the engine read it: what can be kept, what is wrong, what deserves a second look."""

    values: dict[str, Any]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    inputs: ProjectInputs | None = None

    @property
    def is_complete(self) -> bool:
        """True when the engine can work with them."""
        return self.inputs is not None and not self.problems


def check_inputs(payload: Any, *, today: date, previous: Mapping[str, Any] | None = None) -> CheckedInputs:
    """The payload checked by the engine and against the calendar; a bad value is dropped, the good ones are kept.

    `previous` is what was stored before: a start date that has passed since then is a warning, not a problem.
    """
    if not isinstance(payload, Mapping):
        shown = type(payload).__name__
        return CheckedInputs({}, (Problem("not_inputs", "", f"Inputs: expected fields by name, got {shown}."),))
    plain = plain_json(canonical_names(payload))
    values, field_problems = _usable(plain)
    late = _start_problem(values, today)
    unchanged = lookup(previous or {}, "construction.start_date") == lookup(values, "construction.start_date")
    warnings = (late,) if late and unchanged else ()
    dated = (late,) if late and not unchanged else ()
    try:
        inputs = ProjectInputs.from_dict(plain)
    except InputProblems as error:
        return CheckedInputs(values, _once((*field_problems, *error.problems, *dated)), warnings)
    if dated:
        del values["construction"]["start_date"]
        return CheckedInputs(values, dated, inputs.warnings())
    return CheckedInputs(inputs.to_dict(), (), (*inputs.warnings(), *warnings), inputs)


def project_inputs(project: Project) -> ProjectInputs:
    """The engine's inputs of a project; raises InputProblems for a draft."""
    return ProjectInputs.from_dict(project.inputs)


def snapshot_inputs(snapshot: Snapshot) -> ProjectInputs:
    """The engine's inputs of a snapshot."""
    return ProjectInputs.from_dict(snapshot.content)


def plain_json(node: Any) -> Any:
    """The same content in JSON's own types: Decimal to float, tuples to lists, empty groups left out."""
    if isinstance(node, Mapping):
        return {str(key): plain_json(child) for key, child in node.items() if not _is_empty_group(child)}
    if isinstance(node, list | tuple):
        return [plain_json(item) for item in node]
    return float(node) if isinstance(node, Decimal) else node


def canonical_names(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload with the source platform's capex names (buildBess, marketBess) turned into line codes.

    >>> canonical_names({"capex": {"internal": {"buildBess": 5, "buildConstructionFeePercent": 1.5}}})
    {'capex': {'internal': {'lines': {'bess': 5}, 'construction_fee_rate': 0.015}}}
    """
    copy: dict[str, Any] = {key: deepcopy(value) for key, value in payload.items()}
    capex = copy.get("capex")
    if isinstance(capex, dict):
        copy["capex"] = {
            side: _side_by_code(group, _SIDE_PREFIX[side])
            if side in _SIDE_PREFIX and isinstance(group, dict)
            else group
            for side, group in capex.items()
        }
    return copy


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


def _usable(payload: dict[str, Any]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The values that stand on their own, and what is wrong with the others."""
    reader = Reader(FIELDS, payload)
    read = reader.read()
    good = {
        path: value for path, value in read.items() if value is not None and lookup(payload, path) not in (None, "")
    }
    unknown = [_drop_unknown_lines(good, f"capex.{side}.lines") for side in _SIDE_PREFIX]
    return nested(good), (*reader.problems, *unknown[0], *unknown[1])


def _drop_unknown_lines(good: dict[str, Any], place: str) -> list[Problem]:
    lines: dict[str, float] = good.get(place, {})
    if place in good:
        good[place] = {code: amount for code, amount in lines.items() if code in CAPEX_LINES}
    strangers = [code for code in lines if code not in CAPEX_LINES]
    return [Problem("unknown_line", f"{place}.{code}", f"{code} is not a capex line.") for code in strangers]


def _start_problem(values: Mapping[str, Any], today: date) -> Problem | None:
    start = lookup(values, "construction.start_date")
    if not start or date.fromisoformat(start) > today:
        return None
    message = f"Construction start: expected a date after {today.isoformat()}, got {start}."
    return Problem("not_in_future", "construction.start_date", message)


def _once(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple({(p.code, p.place): p for p in problems}.values())


def _is_empty_group(child: Any) -> bool:
    return isinstance(child, Mapping) and not child
