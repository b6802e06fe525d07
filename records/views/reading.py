"""Versions to read: the list, one in full with where each number comes from, and what differs between two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from records.access import can_write, get_version, visible_versions
from records.exchange import document_of, write_json
from records.models import Version
from records.provenance import legend
from records.queries import previous_version, standings
from records.screen import Grids, change_lines
from records.workbook import write_workbook

FILES: Mapping[str, tuple[Callable[[Version], bytes], str]] = {
    "json": (lambda version: write_json(document_of(version)), "application/json"),
    "xlsx": (
        lambda version: write_workbook(version.kind, document_of(version)),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


@signed_in
@require_safe
def version_list(request: PersonRequest, model: type[Version]) -> HttpResponse:
    """The versions of each family, the latest first."""
    found = list(visible_versions(request.user, model).defer("content"))
    standing = standings(found)
    families = [
        (family, [(version, standing[version.pk]) for version in versions])
        for family, versions in groupby(found, key=lambda version: version.family)
    ]
    more = {"families": families, "can_write": can_write(request.user, model.kind)}
    return _page(request, "list", model, more)


@signed_in
@require_safe
def version_detail(request: PersonRequest, model: type[Version], code: UUID) -> HttpResponse:
    """One version: every value with its mark and source."""
    version = get_version(request.user, model, code)
    grids = Grids(model.kind, version.content)
    found = grids.all()
    more = {
        "version": version,
        "standing": standings([version])[version.pk],
        "grids": [grid for grid in found if not grid.by_row],
        "tables": [grid for grid in found if grid.by_row],
        "others": grids.others(),
        "legend": legend(),
        "previous": _readable_previous(request, version),
        "can_write": can_write(request.user, model.kind),
    }
    return _page(request, "detail", model, more)


@signed_in
@require_safe
def version_changes(request: PersonRequest, model: type[Version], code: UUID) -> HttpResponse:
    """What differs from another version (`?from=`, else the one before), cell by cell."""
    version = get_version(request.user, model, code)
    others = list(visible_versions(request.user, model).exclude(pk=version.pk))
    chosen = request.GET.get("from", "")
    previous = _readable_previous(request, version)
    other = next((each for each in others if str(each.code) == chosen), previous or (others[0] if others else None))
    more = {
        "version": version,
        "other": other,
        "others": others,
        "lines": change_lines(model.kind, other.content, version.content) if other else [],
        "legend": legend(),
    }
    return _page(request, "changes", model, more)


@signed_in
@require_safe
def version_export(request: PersonRequest, model: type[Version], code: UUID) -> HttpResponse:
    """One version as a file to take away: `?form=xlsx` a workbook, else JSON."""
    version = get_version(request.user, model, code)
    form = "xlsx" if request.GET.get("form") == "xlsx" else "json"
    write, kind = FILES[form]
    response = HttpResponse(write(version), content_type=kind)
    name = f"{version.family}-v{version.version}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _page(request: PersonRequest, page: str, model: type[Version], more: Mapping[str, Any]) -> HttpResponse:
    context = {"section": "rules", "kind": model.kind, "listing": model.admin_page("changelist"), **more}
    return render(request, f"records/{page}.html", context)


def _readable_previous(request: PersonRequest, version: Version) -> Version | None:
    found = previous_version(version)
    return found if found and visible_versions(request.user, type(version)).filter(pk=found.pk).exists() else None
