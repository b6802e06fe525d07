"""The asset class of a project, set by administrators."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.requests import PersonRequest, signed_in
from lib.errors import Invalid
from projects.access import get_project
from projects.asset_classes import asset_class_name
from projects.services import set_asset_class


@signed_in
@require_POST
def project_asset_class(request: PersonRequest, code: UUID) -> HttpResponse:
    """The project's page, with the class that was chosen."""
    project = get_project(request.user, code)
    wanted = request.POST.get("asset_class", project.asset_class)
    try:
        changed = set_asset_class(by=request.user, project=project, asset_class=wanted)
        messages.success(request, f"Runs take rules for {asset_class_name(changed.asset_class).lower()} now.")
    except Invalid as error:
        messages.error(request, f"Nothing was changed. {error}")
    return redirect("project-detail", project.code)
