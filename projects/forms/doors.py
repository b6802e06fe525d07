"""Two doors to one project: what was typed goes from one to the other with nothing lost.

Everything typed travels by name, that of the other door too, so a page carries it without a word to the database.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.basics.fields import FieldKind, lookup
from engine.project import CAPEX_LINES, FIELDS
from lib.numbers import number_text
from projects import screen
from projects.forms.base import LONGEST_TYPED, ProjectForm
from projects.forms.detailed import LINE_SPECS, SIDES, DetailedProjectForm, line_path
from projects.forms.detailed import SPECS as DETAILED_SPECS
from projects.forms.fields import field_name
from projects.forms.quick import DETAILED_ONLY, QuickProjectForm
from projects.forms.quick import SPECS as QUICK_SPECS
from projects.models import Project
from projects.translate import ENTERED, PER_MW, QUICK_FIELDS

Typed = dict[str, str]
DOORS: dict[str, type[ProjectForm]] = {form.door: form for form in (QuickProjectForm, DetailedProjectForm)}
QUICK, DETAILED = DOORS
LABELS = {QUICK: "Quick, per MW", DETAILED: "Detailed"}
_NAMES = {
    QUICK: frozenset({"title", "version", *(field_name(path) for path in QUICK_SPECS)}),
    DETAILED: frozenset({"title", "version", *(field_name(path) for path in DETAILED_SPECS)}),
}
_FLAGS = frozenset(field_name(spec.path) for spec in FIELDS if spec.kind is FieldKind.FLAG)
# One more than a field takes, so that the form can say that the rest is gone.
LONGEST_KEPT = LONGEST_TYPED + 1


def door_of(posted: Mapping[str, str]) -> str:
    """The door a page was sent from."""
    door = posted.get("door", QUICK)
    return door if door in DOORS else QUICK


def typed_in(posted: Mapping[str, str]) -> Typed:
    """What was typed, by field name of either door; an empty flag is one that was not ticked."""
    known = _NAMES[QUICK] | _NAMES[DETAILED]
    typed = {name: str(value)[:LONGEST_KEPT] for name, value in posted.items() if name in known}
    return {**dict.fromkeys(_FLAGS, ""), **typed}


def fitting_door(stored: Mapping[str, Any]) -> str:
    """The door that shows all of the stored inputs: the detailed one where they hold what only it has."""
    lines = {code for side in SIDES for code in lookup(stored, f"capex.{side}.lines") or {}}
    has_detail = any(lookup(stored, path) is not None for path in DETAILED_ONLY)
    return DETAILED if has_detail or lines - {"build"} else QUICK


def opened(door: str, project: Project | None, *, today: date | None = None) -> ProjectForm:
    """The form of a door as it opens."""
    return DOORS[door](project=project, today=today)


def filled(door: str, typed: Typed, project: Project | None, *, today: date | None = None) -> ProjectForm:
    """The form of a door with what was typed; fields of which nothing was heard are as they open."""
    base = _base(door, typed, project, today)
    form = DOORS[door](project=project, stored=base, today=today)
    return DOORS[door]({**_as_typed(form), **typed}, project=project, stored=base, today=today)


def carried(door: str, typed: Typed) -> Typed:
    """What the page of a door keeps out of sight: entries of the other door alone."""
    return {name: value for name, value in typed.items() if name not in _NAMES[door]}


def switched(to: str, typed: Typed, project: Project | None, *, today: date | None = None) -> Typed:
    """The same entries as the other door reads them: figures per MW become lines, and lines figures per MW."""
    return _to_detailed(typed, project, today) if to == DETAILED else _to_quick(typed, project, today)


def with_market(typed: Typed, uplift_share: Decimal, project: Project | None, *, today: date | None = None) -> Typed:
    """The entries of the detailed door with each market line at its internal one plus a share."""
    form = filled(DETAILED, typed, project, today=today)
    form.is_valid()
    result = dict(typed)
    for code in CAPEX_LINES:
        amount = form.cleaned_data.get(field_name(line_path("internal", code)))
        if isinstance(amount, Decimal):
            raised = (amount * (1 + uplift_share)).quantize(Decimal("0.01"))
            result[field_name(line_path("market", code))] = number_text(raised, form.numbers)
    return result


def kept_beside(form: ProjectForm) -> list[tuple[str, str]]:
    """What the project holds that this door does not show, as label and words."""
    stored = form.stored
    rows = []
    if form.door == QUICK:
        rows = [
            (spec.label, screen.input_text(spec, lookup(stored, spec.path), form.numbers))
            for spec in FIELDS
            if field_name(spec.path) not in form.fields
            and spec.path != "land.stamp_duty_bands"
            and spec.kind is not FieldKind.AMOUNTS_BY_LINE
            and lookup(stored, spec.path) is not None
        ]
        rows += [(f"{SIDES[side]} capex by line", _count(lines)) for side, lines in _split_lines(stored).items()]
    else:
        entered = stored.get(ENTERED, {})
        rows = [
            (s.label, str(screen.shown(s, entered[s.path], form.numbers))) for s in QUICK_FIELDS if s.path in entered
        ]
    return rows


def _split_lines(stored: Mapping[str, Any]) -> dict[str, int]:
    lines = {side: lookup(stored, f"capex.{side}.lines") or {} for side in SIDES}
    return {side: len(found) for side, found in lines.items() if set(found) - {"build"}}


def _count(lines: int) -> str:
    return f"{lines} line{'' if lines == 1 else 's'}, kept in proportion"


def _base(door: str, typed: Typed, project: Project | None, today: date | None) -> dict[str, Any]:
    """What stands behind a form: for the quick door, what was typed in the detailed one."""
    stored: dict[str, Any] = project.inputs if project else {}
    if door == DETAILED or not carried(QUICK, typed):
        return stored
    detailed = DetailedProjectForm({**_as_typed(opened(DETAILED, project)), **typed}, project=project, today=today)
    detailed.is_valid()
    return detailed.values


def _as_typed(form: ProjectForm) -> Typed:
    """The fields of a form as a browser would send them untouched."""
    values = {name: form[name].value() for name in form.fields}
    return {name: "on" if value is True else str(value) for name, value in values.items() if value not in (None, False)}


def _to_detailed(typed: Typed, project: Project | None, today: date | None) -> Typed:
    form = filled(QUICK, typed, project, today=today)
    form.is_valid()
    result = dict(typed)
    for side, name in PER_MW.items():
        lines = lookup(form.payload, f"capex.{side}.lines")
        if not lines:
            continue
        result.pop(name, None)
        for code in CAPEX_LINES:
            path = line_path(side, code)
            result[field_name(path)] = _line_text(form, path, lines.get(code), typed.get(field_name(path), ""))
    return result


def _line_text(form: ProjectForm, path: str, amount: Any, typed: str) -> str:
    """The amount as text; as it was typed where that is the same amount, or no number at all."""
    read = screen.read(LINE_SPECS[path], typed, form.numbers)
    if isinstance(read, str) or (amount is not None and read is not None and read == Decimal(str(amount))):
        return typed
    return "" if amount is None else number_text(Decimal(str(amount)), form.numbers)


def _to_quick(typed: Typed, project: Project | None, today: date | None) -> Typed:
    form = filled(DETAILED, typed, project, today=today)
    form.is_valid()
    has_mw = lookup(form.values, "power.gross_facility_mw") is not None
    told = {name for side, name in PER_MW.items() if has_mw and _is_read(form, side)}
    return {**{n: v for n, v in typed.items() if n not in told}, **_detailed_entries(form, typed)}


def _is_read(form: ProjectForm, side: str) -> bool:
    """True where every line of a side was read, so that a figure per MW stands for them."""
    names = {field_name(line_path(side, code)) for code in CAPEX_LINES}
    return not names & set(form.errors) and bool(lookup(form.values, f"capex.{side}.lines"))


def _detailed_entries(form: ProjectForm, typed: Typed) -> Typed:
    """Every entry of the detailed door, also those that were only shown: the quick page carries them all."""
    return {name: typed.get(name, "") or str(form.data.get(name, "")) for name in _NAMES[DETAILED] if name in form.data}
