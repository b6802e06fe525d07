"""Outside data, read by the engine and held against the calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.basics.fields import Reader, lookup, nested
from engine.errors import InputProblems, Problem
from engine.project import CAPEX_LINES, FIELDS, ProjectInputs
from projects.models import Project, Snapshot
from projects.translate.names import canonical_names, in_own_words
from projects.translate.plain import plain_json
from projects.translate.quick import ENTERED, PER_MW, sound_entered, with_fee_rate
from projects.translate.transfer_taxes import about_taxes, with_bands

DEEPEST = 8  # inputs need four levels; data nested without end would exhaust the stack


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
    plain = with_bands(with_fee_rate(plain_json(canonical_names(payload))))
    entered = sound_entered(plain.pop(ENTERED, None))
    values, field_problems = _usable(plain)
    late = _past_days(values, today)
    kept = tuple(p for p in late if lookup(previous or {}, p.place) == lookup(values, p.place))
    warnings, dated = kept, tuple(p for p in late if p not in kept)
    try:
        inputs = ProjectInputs.from_dict(plain)
    except InputProblems as error:
        problems = (in_own_words(about_taxes(p, plain), plain) for p in (*field_problems, *error.problems, *dated))
        return CheckedInputs({**values, **entered}, _once(tuple(problems)), warnings)
    if dated:
        for problem in dated:
            del values["construction"][problem.place.rpartition(".")[2]]
        return CheckedInputs({**values, **entered}, dated, inputs.warnings())
    return CheckedInputs(inputs.to_dict(), (), (*inputs.warnings(), *warnings), inputs)


def project_inputs(project: Project) -> ProjectInputs:
    """The engine's inputs of a project; raises InputProblems for a draft."""
    return ProjectInputs.from_dict(project.inputs)


def snapshot_inputs(snapshot: Snapshot) -> ProjectInputs:
    """The engine's inputs of a snapshot."""
    return ProjectInputs.from_dict(snapshot.inputs)


def _usable(payload: dict[str, Any]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The values that stand on their own, and what is wrong with the others."""
    reader = Reader(FIELDS, payload)
    read = reader.read()
    good = {
        path: value for path, value in read.items() if value is not None and lookup(payload, path) not in (None, "")
    }
    unknown = [_drop_unknown_lines(good, f"capex.{side}.lines") for side in PER_MW]
    return nested(good), (*reader.problems, *unknown[0], *unknown[1])


def _drop_unknown_lines(good: dict[str, Any], place: str) -> list[Problem]:
    lines: dict[str, float] = good.get(place, {})
    if place in good:
        good[place] = {code: amount for code, amount in lines.items() if code in CAPEX_LINES}
    strangers = [code for code in lines if code not in CAPEX_LINES]
    return [Problem("unknown_line", f"{place}.{code}", f"{code} is not a capex line.") for code in strangers]


def _past_days(values: Mapping[str, Any], today: date) -> tuple[Problem, ...]:
    """Financial close and construction start where they are not in the future."""
    found = []
    for path, label in (
        ("construction.close_date", "Financial close"),
        ("construction.start_date", "Construction start"),
    ):
        day = lookup(values, path)
        if day and date.fromisoformat(day) <= today:
            message = f"{label}: expected a date after {today.isoformat()}, got {day}."
            found.append(Problem("not_in_future", path, message))
    return tuple(found)


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
