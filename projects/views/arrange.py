"""Arranging an owner's projects: series made, named, ordered and dropped; projects moved by drag, key or select.

Every step is a form that posts and leads back; with HTMX the shelves come back in place, with a sentence on what was done.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from lib.errors import Forbidden, Invalid
from projects.access import can_order, get_project, get_series, require_keeper
from projects.listing import ME, Asked, list_projects, neighbours, owner_of, place_of
from projects.models import Project, Series
from projects.services import create_series, delete_series, move_project, move_series, rename_series

PAGE_SIZE = 100


@signed_in
@require_safe
def arrange(request: PersonRequest) -> HttpResponse:
    """An owner's series with their projects, to put in order."""
    return render(request, "projects/arrange.html", _context(request))


def arranging(step: Callable[..., str]) -> Callable[..., HttpResponseBase]:
    """The view that takes a step, then shows the shelves with what the step said, or why it could not be taken."""

    @signed_in
    @require_POST
    @wraps(step)
    def view(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            said, problem = step(request, *args, **kwargs), ""
        except Invalid as error:
            said, problem = "", str(error)
        return _shelves(request, said, problem)

    return view


@arranging
def series_new(request: PersonRequest) -> str:
    """One series more."""
    series = create_series(by=request.user, title=_title(request), owner=_owner(request))
    return f"Series “{series.title}” is there."


@arranging
def series_rename(request: PersonRequest, code: UUID) -> str:
    """A series under another name."""
    series = get_series(request.user, code)
    renamed = rename_series(by=request.user, series=series, title=_title(request))
    return f"The series is now “{renamed.title}”."


@arranging
def series_delete(request: PersonRequest, code: UUID) -> str:
    """One series fewer; its projects are in none."""
    series = get_series(request.user, code)
    delete_series(by=request.user, series=series)
    return f"Series “{series.title}” is gone; its projects are in no series."


@arranging
def series_move(request: PersonRequest, code: UUID) -> str:
    """A series a place higher or lower."""
    series = get_series(request.user, code)
    moved = move_series(by=request.user, series=series, places=_places(request))
    place = list(series.owner.series.all()).index(moved) + 1
    return f"Series “{moved.title}” is at place {place}."


@arranging
def project_move(request: PersonRequest, code: UUID) -> str:
    """A project at its new place."""
    project = get_project(request.user, code)
    require_keeper(request.user, project)
    moved = move_project(by=request.user, project=project, **_target(request, project))
    where = f"“{moved.series}”" if moved.series else "no series"
    return f"“{moved.title}” is in {where}, at place {place_of(moved)}."


def _owner(request: PersonRequest) -> User:
    """Whose projects are arranged; somebody else's are arranged by administrators alone."""
    owner = owner_of(request.user, request.GET.get("owner") or ME) or request.user
    if not can_order(request.user, owner.pk):
        raise Forbidden("Only the owner and administrators arrange somebody's projects.")
    return owner


def _context(request: PersonRequest, **said: str) -> dict[str, Any]:
    owner = _owner(request)
    asked = Asked(owner=ME if owner == request.user else str(owner.code), page=request.GET.get("page", "1"))
    found = list_projects(request.user, asked, size=PAGE_SIZE)
    return {
        "section": "projects",
        "owner": owner,
        "is_own": owner == request.user,
        "found": found,
        "query": asked.address(page=asked.page),
        "list_address": asked.address(),
        "previous_address": asked.address(page=str(found.page.number - 1)),
        "next_address": asked.address(page=str(found.page.number + 1)),
        "title_length": Series._meta.get_field("title").max_length,
        **said,
    }


def _shelves(request: PersonRequest, said: str, problem: str) -> HttpResponse:
    if request.htmx:
        return render(request, "projects/fragments/shelves.html", _context(request, said=said, problem=problem))
    if problem:
        messages.error(request, problem)
    else:
        messages.success(request, said)
    return redirect(f"{reverse('projects-arrange')}?{request.GET.urlencode()}")


def _title(request: PersonRequest) -> str:
    return request.POST.get("title", "")


def _places(request: PersonRequest) -> int:
    return {"up": -1, "down": 1}.get(request.POST.get("step", ""), 0)


def _target(request: PersonRequest, project: Project) -> dict[str, Any]:
    """Where to: a place up or down beside a neighbour, or a series with the project to stand beside there."""
    if "step" in request.POST:
        above, below = neighbours(project)
        beside = {"before": above} if _places(request) < 0 else {"after": below}
        stays = {"before": below} if below else {"after": above}
        return {"series": project.series, **(beside if any(beside.values()) else stays)}
    code = request.POST.get("series", "")
    return {
        "series": get_series(request.user, code) if code else None,
        "before": _beside(request, "before"),
        "after": _beside(request, "after"),
    }


def _beside(request: PersonRequest, name: str) -> Project | None:
    code = request.POST.get(name, "")
    return get_project(request.user, code) if code else None
