"""Rules to read: the versions, one in full with where each number comes from, and what differs between two."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from engine.project.inputs import Country
from projects.asset_classes import asset_classes
from ratings.access import can_write, get_rule_set, visible_rule_sets
from ratings.exchange import document_of, write_json
from ratings.models import RuleSet
from ratings.queries import previous_version, standings
from ratings.screen import Grids, change_lines, legend
from ratings.tables import ROW_TABLES
from ratings.workbook import write_workbook

FILES = {
    "json": (write_json, "application/json"),
    "xlsx": (write_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@signed_in
@require_safe
def rules_list(request: PersonRequest) -> HttpResponse:
    """The versions of each family, the latest first."""
    found = list(visible_rule_sets(request.user).defer("content"))
    standing = standings(found)
    names = asset_classes()
    families = [
        (family, names.get(asset_class, asset_class), [(rule_set, standing[rule_set.pk]) for rule_set in versions])
        for (family, asset_class), versions in groupby(found, key=lambda each: (each.family, each.asset_class))
    ]
    context = {"section": "rules", "families": families, "can_write": can_write(request.user)}
    return render(request, "ratings/list.html", context)


@signed_in
@require_safe
def rules_detail(request: PersonRequest, code: UUID) -> HttpResponse:
    """One version: every limit with its mark and source."""
    rule_set = get_rule_set(request.user, code)
    grids = Grids(rule_set.content)
    context = {
        "section": "rules",
        "rule_set": rule_set,
        "standing": standings([rule_set])[rule_set.pk],
        "grids": [grids.general(), *(grids.criteria(str(c)) for c in Country), grids.banks(), grids.haircuts()],
        "tables": [grid for table in ROW_TABLES if table != "repo_haircuts" for grid in grids.tables(table)],
        "others": grids.others(),
        "legend": legend(),
        "previous": _readable_previous(request, rule_set),
        "can_write": can_write(request.user),
    }
    return render(request, "ratings/detail.html", context)


@signed_in
@require_safe
def rules_changes(request: PersonRequest, code: UUID) -> HttpResponse:
    """What differs from another version (`?from=`, else the one before), cell by cell."""
    rule_set = get_rule_set(request.user, code)
    others = list(visible_rule_sets(request.user).exclude(pk=rule_set.pk))
    chosen = request.GET.get("from", "")
    previous = _readable_previous(request, rule_set)
    other = next((each for each in others if str(each.code) == chosen), previous or (others[0] if others else None))
    context = {
        "section": "rules",
        "rule_set": rule_set,
        "other": other,
        "others": others,
        "lines": change_lines(other.content, rule_set.content) if other else [],
        "legend": legend(),
    }
    return render(request, "ratings/changes.html", context)


@signed_in
@require_safe
def rules_export(request: PersonRequest, code: UUID) -> HttpResponse:
    """One version as a file to take away: `?form=xlsx` a workbook, else JSON."""
    rule_set = get_rule_set(request.user, code)
    form = "xlsx" if request.GET.get("form") == "xlsx" else "json"
    write, kind = FILES[form]
    response = HttpResponse(write(document_of(rule_set)), content_type=kind)
    name = f"{rule_set.family}-v{rule_set.version}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _readable_previous(request: PersonRequest, rule_set: RuleSet) -> RuleSet | None:
    found = previous_version(rule_set)
    return found if found and visible_rule_sets(request.user).filter(pk=found.pk).exists() else None
