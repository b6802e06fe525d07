"""Saved views, from the menus of a table's page; each leads back to the page it came from."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.requests import PersonRequest, signed_in
from lib.errors import Invalid
from tables.access import get_view_to_change
from tables.registry import catalogue_of
from tables.services.delete_view import delete_view
from tables.services.rename_view import rename_view
from tables.services.save_view import save_view
from tables.services.share_view import share_view


@signed_in
@require_POST
def view_save(request: PersonRequest, kind: str) -> HttpResponse:
    """Keeps the table as it is shown."""
    catalogue_of(kind)
    name, address = (str(request.POST.get(field, "")) for field in ("name", "query"))

    def save() -> str:
        view = save_view(by=request.user, kind=kind, name=name, address=address)
        return f"The view {view.name} is saved."

    return _done(request, save)


@signed_in
@require_POST
def view_rename(request: PersonRequest, code: UUID) -> HttpResponse:
    """Gives the view another name."""
    view, name = get_view_to_change(request.user, code), str(request.POST.get("name", ""))
    return _done(request, lambda: f"The view is called {rename_view(by=request.user, view=view, name=name).name}.")


@signed_in
@require_POST
def view_share(request: PersonRequest, code: UUID) -> HttpResponse:
    """Opens the view's link to others, or closes it."""
    view = get_view_to_change(request.user, code)
    is_shared = request.POST.get("shared") == "yes"
    said = "now opens for whoever has its link and may see the table" if is_shared else "is private again"

    def share() -> str:
        return f"The view {share_view(by=request.user, view=view, is_shared=is_shared).name} {said}."

    return _done(request, share)


@signed_in
@require_POST
def view_delete(request: PersonRequest, code: UUID) -> HttpResponse:
    """Deletes the view."""
    view = get_view_to_change(request.user, code)
    delete_view(by=request.user, view=view)
    return _done(request, lambda: f"The view {view.name} is deleted.")


def _done(request: PersonRequest, write: Callable[[], str]) -> HttpResponse:
    """Back to the page, which says what was written or why nothing was."""
    try:
        messages.success(request, write())
    except Invalid as error:
        messages.error(request, str(error))
    back = str(request.POST.get("back", ""))
    is_here = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if is_here else "home")
