"""One project, to read."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from engine.terms import StructuringTerms
from projects.asset_classes import asset_classes
from projects.queries import project_overview
from projects.views.lifecycle import project_actions
from projects.views.shown import cost_lines, input_groups, noi_steps, value_steps


@signed_in
@require_safe
def project_detail(request: PersonRequest, code: UUID) -> HttpResponse:
    """One project: what was entered, what follows from it, and what other rooms have of it."""
    overview = project_overview(request.user, code)
    classes = asset_classes()
    context: dict[str, Any] = {
        "section": "projects",
        "project": overview.project,
        "overview": overview,
        "groups": input_groups(overview.project.inputs),
        "currency": overview.project.inputs.get("currency", ""),
        "asset_class_name": classes.get(overview.project.asset_class, overview.project.asset_class),
        "asset_classes": classes if request.user.is_platform_admin and overview.can_edit and len(classes) > 1 else {},
        "actions": project_actions(request.user, overview.project),
    }
    if overview.inputs and overview.derived:
        context["costs"] = cost_lines(overview.inputs, overview.derived)
        context["steps"] = noi_steps(overview.derived)
        context["value_steps"] = value_steps(overview.inputs, overview.derived, StructuringTerms.from_dict())
    return render(request, "projects/detail.html", context)
