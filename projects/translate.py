"""The only border between rows, forms and JSON on one side and the engine's terms on the other."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from engine.basics.fields import FieldKind, FieldSpec, Reader, lookup, nested
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
# Figures of the quick form that have no field of their own; a draft keeps them until they can be worked out.
ENTERED = "entered"
PER_MW = {side: f"capex_{side}_per_mw" for side in ("internal", "market")}
MANAGEMENT_RATE = "management_fee_rate"
QUICK_FIELDS: tuple[FieldSpec, ...] = (
    *(
        FieldSpec(
            name,
            f"{side.capitalize()} capex per MW",
            FieldKind.NUMBER,
            "amount_per_mw",
            required=True,
            minimum=0,
            exclusive_minimum=True,
            maximum=1e9,
            help="Per MW of gross facility power, before construction phase fee and contingency.",
        )
        for side, name in PER_MW.items()
    ),
    FieldSpec(
        MANAGEMENT_RATE,
        "Management fee, percent",
        FieldKind.NUMBER,
        "share",
        minimum=0,
        maximum=0.2,
        help="Of internal capex lines, land purchase and grid connection. Enter this or the amount.",
    ),
)
DEEPEST = 8  # inputs need four levels; data nested without end would exhaust the stack
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
    if _is_deeper(payload, DEEPEST):
        message = f"Inputs: expected groups at most {DEEPEST} deep, got deeper ones."
        return CheckedInputs({}, (Problem("too_deep", "", message),))
    plain = plain_json(canonical_names(payload))
    entered = _sound_entered(plain.pop(ENTERED, None))
    values, field_problems = _usable(plain)
    late = _start_problem(values, today)
    unchanged = lookup(previous or {}, "construction.start_date") == lookup(values, "construction.start_date")
    warnings = (late,) if late and unchanged else ()
    dated = (late,) if late and not unchanged else ()
    try:
        inputs = ProjectInputs.from_dict(plain)
    except InputProblems as error:
        return CheckedInputs({**values, **entered}, _once((*field_problems, *error.problems, *dated)), warnings)
    if dated:
        del values["construction"]["start_date"]
        return CheckedInputs({**values, **entered}, dated, inputs.warnings())
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


def quick_values(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the quick form shows of stored inputs beside their own fields: capex per MW."""
    kept = inputs.get(ENTERED, {})
    per_mw = {name: _per_mw(inputs, side) for side, name in PER_MW.items()}
    return {**kept, **{name: value for name, value in per_mw.items() if value is not None}}


def quick_payload(
    values: Mapping[str, Any], entered: Mapping[str, Any], stored: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Inputs from the quick form's values by path and its own figures, and what is wrong with the latter.

    The split of capex by line that `stored` holds is kept: lines move in proportion when the figure per MW does.
    """
    reader = Reader(QUICK_FIELDS, plain_json(entered))
    figures = {name: value for name, value in reader.read().items() if value is not None}
    payload = nested({path: value for path, value in values.items() if value not in (None, "")})
    mw = _sound_mw(payload)
    for side, name in PER_MW.items():
        if name in figures and mw is not None:
            side_group = payload.setdefault("capex", {}).setdefault(side, {})
            side_group["lines"] = _lines(Decimal(str(figures[name])), mw, side, stored)
    fee_problem = _apply_management_rate(payload, figures.get(MANAGEMENT_RATE), stored)
    return {**payload, ENTERED: figures}, (*reader.problems, *fee_problem)


def _sound_mw(payload: Mapping[str, Any]) -> Decimal | None:
    spec = next(spec for spec in FIELDS if spec.path == "power.gross_facility_mw")
    read = Reader((spec,), {"power": {"gross_facility_mw": lookup(payload, spec.path)}}).read()
    return None if read[spec.path] is None else _decimal(lookup(payload, spec.path))


def _per_mw(inputs: Mapping[str, Any], side: str) -> Decimal | None:
    lines, mw = lookup(inputs, f"capex.{side}.lines"), lookup(inputs, "power.gross_facility_mw")
    if not lines or not mw:
        return None
    return cents(sum((Decimal(str(amount)) for amount in lines.values()), Decimal(0)) / Decimal(str(mw)))


def _lines(per_mw: Decimal, mw: Decimal, side: str, stored: Mapping[str, Any]) -> dict[str, Decimal]:
    kept = {code: Decimal(str(a)) for code, a in (lookup(stored, f"capex.{side}.lines") or {}).items()}
    stored_mw = lookup(stored, "power.gross_facility_mw")
    if kept and stored_mw and _per_mw(stored, side) == per_mw and Decimal(str(stored_mw)) == mw:
        return kept
    total, known = cents(per_mw * mw), sum(kept.values(), Decimal(0))
    if known <= 0 or list(kept) == ["build"]:
        return {"build": total}
    scaled = {code: cents(total * amount / known) for code, amount in kept.items()}
    largest = max(scaled, key=lambda code: (scaled[code], code))
    scaled[largest] += total - sum(scaled.values(), Decimal(0))
    return scaled


def _apply_management_rate(
    payload: dict[str, Any], rate: float | None, stored: Mapping[str, Any]
) -> tuple[Problem, ...]:
    if rate is None:
        return ()
    amount = lookup(payload, "fees.management_amount")
    known = lookup(stored, "fees.management_amount") or 0
    if amount is not None and _decimal(amount) != _decimal(known):
        message = "Management fee, percent: enter the percentage or the amount, not both."
        return (Problem("both_given", MANAGEMENT_RATE, message),)
    base = _management_base(payload)
    if base is not None:
        payload.setdefault("fees", {})["management_amount"] = cents(Decimal(str(rate)) * base)
    return ()


def _management_base(payload: Mapping[str, Any]) -> Decimal | None:
    """Internal capex lines, land and grid in the project's currency; None while one of them cannot be read."""
    lines = lookup(payload, "capex.internal.lines")
    parts = [lookup(payload, "land.purchase_amount") or 0, lookup(payload, "land.grid_amount") or 0]
    fx_rate = _decimal(lookup(payload, "fx_rate") or 1)
    amounts = [_decimal(part) for part in parts]
    if not lines or fx_rate is None or any(amount is None for amount in amounts):
        return None
    return sum(lines.values(), Decimal(0)) * fx_rate + sum((a for a in amounts if a is not None), Decimal(0))


def cents(amount: Decimal) -> Decimal:
    """The amount to the cent; what is too large to have cents stays as it is, for the engine to refuse."""
    return amount.quantize(Decimal("0.01")) if abs(amount) < Decimal(10) ** 20 else amount


def _decimal(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def _sound_entered(entered: Any) -> dict[str, Any]:
    """The quick form's own figures of a draft, those that can be read."""
    if not isinstance(entered, Mapping):
        return {}
    known = {spec.path: entered.get(spec.path) for spec in QUICK_FIELDS}
    good = {path: value for path, value in Reader(QUICK_FIELDS, known).read().items() if value is not None}
    return {ENTERED: good} if good else {}


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


def _is_deeper(payload: Any, limit: int) -> bool:
    level = [payload]
    for _ in range(limit):
        level = [child for node in level for child in _children(node)]
    return bool(level)


def _children(node: Any) -> list[Any]:
    if isinstance(node, Mapping):
        return list(node.values())
    return list(node) if isinstance(node, list | tuple) else []


def _is_empty_group(child: Any) -> bool:
    return isinstance(child, Mapping) and not child
