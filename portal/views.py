"""The start page."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import PersonRequest, signed_in
from accounts.services import change_preferences
from lib.panels import panels_of
from portal.state import platform_state
from portal.tour import stops_for
from projects.access import can_create, own_projects
from projects.drafts import drafts_of


@signed_in
@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """What waits for this person, and what is new."""
    user = request.user
    context: dict[str, Any] = {"section": "home", "panels": panels_of(user), "can_create": can_create(user)}
    if user.shows_tour or "tour" in request.GET:
        context["tour"] = stops_for(user, may_create=context["can_create"])
    if user.is_platform_admin:
        context["facts"] = platform_state()
    else:
        context["is_first_visit"] = context["can_create"] and not (own_projects(user).exists() or drafts_of(user))
    return render(request, "portal/home.html", context)


@signed_in
@require_POST
def tour_leave(request: PersonRequest) -> HttpResponse:
    """The start page without the tour, which the help and the preferences bring back."""
    change_preferences(by=request.user, shows_tour=False)
    return redirect("home")
