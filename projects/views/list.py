"""The projects somebody may see: searched, filtered, sorted, by series where they are one owner's."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from engine.project import Country
from projects import screen
from projects.access import can_create, can_order
from projects.drafts import drafts_of
from projects.listing import LARGEST_FIRST, ME, NO_SERIES, OWN_ORDER, Asked, ProjectList, list_projects
from projects.models import Status


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head: where a click on it leads, and how the list is sorted by it now."""

    label: str
    address: str
    order: str
    is_number: bool = False


@signed_in
@require_safe
def projects_list(request: PersonRequest) -> HttpResponse:
    """The projects this person may see, as they asked for them."""
    found = list_projects(request.user, Asked.of(request.GET))
    context = list_context(request.user, found)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "projects/fragments/project_rows.html", context)
    return render(request, "projects/list.html", {**context, "drafts": drafts_of(request.user)})


def list_context(user: User, found: ProjectList) -> dict[str, Any]:
    """What the page of a list and its rows alone both need."""
    asked = found.asked
    return {
        "section": "projects",
        "found": found,
        "asked": asked,
        "heads": _heads(found),
        "statuses": [(s.value, s.label, found.counts_by_status.get(s.value, 0)) for s in Status],
        "countries": [(country.value, screen.choice_text(country.value)) for country in Country],
        "me": ME,
        "no_series": NO_SERIES,
        "is_own_order": found.sort == OWN_ORDER or not asked.sort,
        "is_bin": asked.status == Status.DELETED,
        "shows_owner": found.owner is None,
        "can_create": can_create(user),
        "can_arrange": found.owner is not None and can_order(user, found.owner.pk),
        "own_order_address": asked.address(sort=""),
        "previous_address": asked.address(page=str(found.page.number - 1)),
        "next_address": asked.address(page=str(found.page.number + 1)),
        "has_any": bool(sum(found.counts_by_status.values()) or asked.is_narrow or asked.owner),
    }


def _heads(found: ProjectList) -> list[Head]:
    owner = [("owner", "Owner", False)] if found.owner is None else []
    columns = [
        ("title", "Project", False),
        ("status", "Status", False),
        ("country", "Country", False),
        ("mw", "Gross power, MW", True),
        *owner,
        ("updated", "Last edit", False),
    ]
    return [_head(found, *column) for column in columns]


def _head(found: ProjectList, key: str, label: str, is_number: bool) -> Head:
    order = {key: "ascending", f"-{key}": "descending"}.get(found.sort, "")
    falls = order == "ascending" or (not order and key in LARGEST_FIRST)
    return Head(label, found.asked.address(sort=f"-{key}" if falls else key), order, is_number)
