"""Stress scenario sets: one's own and the shared ones, each as a form of its scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from engine.stress import BASE, FIELDS
from lib.errors import Invalid
from ratings.models import ScenarioSet
from ratings.scenario_access import can_change, get_scenario_set, require_can_change, visible_scenario_sets
from ratings.services.scenario_sets import (
    create_scenario_set,
    delete_scenario_set,
    edit_scenario_set,
    share_scenario_set,
)
from ratings.typed_fields import TypedField, fields_of, payload, posted, texts

MOST_ROWS = 60
BLANK_ROWS = 1


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """One scenario of the form, numbered from 1."""

    number: int
    name: str
    fields: list[TypedField]
    problems: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """True for a row nobody has filled in."""
        return not self.name


@signed_in
@require_safe
def scenario_sets(request: PersonRequest) -> HttpResponse:
    """The sets a person may use."""
    found = [(each, can_change(request.user, each)) for each in visible_scenario_sets(request.user)]
    return render(request, "ratings/scenarios/list.html", {"section": "rules", "sets": found})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def scenario_set_new(request: PersonRequest) -> HttpResponse:
    """A new set, blank or from another (`?from=`)."""
    if request.method == "POST":
        return _saved(request, None)
    copied = request.GET.get("from", "")
    origin = next((each for each in visible_scenario_sets(request.user) if str(each.code) == copied), None)
    name = f"{origin.name}, copy"[:80] if origin else ""
    return _form(request, None, name, _rows(origin.scenarios if origin else []))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def scenario_set_detail(request: PersonRequest, code: UUID) -> HttpResponse:
    """One set: a form to its owner, to read for the others."""
    scenario_set = get_scenario_set(request.user, code)
    if request.method == "POST":
        require_can_change(request.user, scenario_set)
        return _saved(request, scenario_set)
    return _form(request, scenario_set, scenario_set.name, _rows(scenario_set.scenarios))


@signed_in
@require_POST
def scenario_set_share(request: PersonRequest, code: UUID) -> HttpResponse:
    """Shares the set, or takes it back."""
    scenario_set = get_scenario_set(request.user, code)
    is_shared = request.POST.get("shared") == "yes"
    share_scenario_set(by=request.user, scenario_set=scenario_set, is_shared=is_shared)
    said = "is shared with everybody" if is_shared else "is private again"
    messages.success(request, f"{scenario_set.name} {said}.")
    return redirect("scenario-set", scenario_set.code)


@signed_in
@require_POST
def scenario_set_delete(request: PersonRequest, code: UUID) -> HttpResponse:
    """Deletes the set."""
    scenario_set = get_scenario_set(request.user, code)
    delete_scenario_set(by=request.user, scenario_set=scenario_set)
    messages.success(request, f"{scenario_set.name} is deleted.")
    return redirect("scenario-sets")


def _saved(request: PersonRequest, scenario_set: ScenarioSet | None) -> HttpResponse:
    name, typed = str(request.POST.get("name", "")).strip(), _typed(request.POST)
    if request.POST.get("action") == "add":
        return _form(request, scenario_set, name, _typed_rows(typed, ()), more=BLANK_ROWS + 1)
    scenarios = [payload(FIELDS, row) for row in typed]
    try:
        if scenario_set is None:
            kept = create_scenario_set(by=request.user, name=name, scenarios=scenarios)
        else:
            kept = edit_scenario_set(by=request.user, scenario_set=scenario_set, name=name, scenarios=scenarios)
    except Invalid as error:
        return _form(request, scenario_set, name, _typed_rows(typed, error.problems), problems=error.problems)
    messages.success(request, f"{kept.name} is saved: {len(kept.scenarios)} scenarios.")
    return redirect("scenario-set", kept.code)


def _typed(data: QueryDict) -> list[dict[str, str]]:
    """The rows that were filled in and not marked for removal, as typed."""
    found = []
    for number in range(1, MOST_ROWS + 1):
        if f"{number}-name" not in data:
            break
        row = posted(FIELDS, data, f"{number}-")
        if any(row.values()) and data.get(f"{number}-remove") != "yes" and not _untouched(row):
            found.append(row)
    return found


def _untouched(row: dict[str, str]) -> bool:
    """True for a blank row as it was offered."""
    return row == {**texts(FIELDS, BASE.to_dict()), "name": ""}


def _rows(scenarios: Sequence[dict[str, Any]]) -> list[ScenarioRow]:
    return _typed_rows([texts(FIELDS, scenario) for scenario in scenarios], ())


def _typed_rows(typed: Sequence[dict[str, str]], problems: Sequence[Problem]) -> list[ScenarioRow]:
    return [_row(number, row, problems) for number, row in enumerate(typed)]


def _row(number: int, typed: dict[str, str], problems: Sequence[Problem]) -> ScenarioRow:
    place = f"scenarios.{number}."
    own = [Problem(p.code, p.place.removeprefix(place), p.message) for p in problems if p.place.startswith(place)]
    fields = fields_of(FIELDS, typed, f"{number + 1}-", own)
    return ScenarioRow(number + 1, typed.get("name", ""), fields, tuple(p.message for p in own))


def _form(
    request: PersonRequest,
    scenario_set: ScenarioSet | None,
    name: str,
    rows: list[ScenarioRow],
    *,
    more: int = BLANK_ROWS,
    problems: Sequence[Problem] = (),
) -> HttpResponse:
    is_writer = scenario_set is None or can_change(request.user, scenario_set)
    blank = {**texts(FIELDS, BASE.to_dict()), "name": ""}
    if is_writer:
        rows = rows + [_row(len(rows) + k, blank, ()) for k in range(more)]
    context = {
        "section": "rules",
        "set": scenario_set,
        "name": name,
        "rows": rows,
        "is_writer": is_writer,
        "is_reader": not is_writer,
        "name_problems": [p.message for p in problems if p.place == "name"],
        "other_problems": [p.message for p in problems if p.place == "scenarios"],
    }
    return render(request, "ratings/scenarios/form.html", context, status=422 if problems else 200)
