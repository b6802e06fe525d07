"""Desks: their people, universes and strategies."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.policies import may
from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid
from lib.verbs import refuse
from strategies.access import OPEN_DESK, Action, actions_of, get_desk, require_on, require_view, visible_desks
from strategies.models import Desk, Function, Strategy
from strategies.services.desks import open_desk, put_on_desk, take_off_desk

SECTION = "strategies"


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def desks(request: PersonRequest) -> HttpResponse:
    """The desks a person is on; an administrator opens another."""
    require_view(request.user)
    problems: Sequence[Problem] = ()
    typed: dict[str, str] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in ("name", "currency")}
        try:
            return redirect("desk", open_desk(by=request.user, **typed).code)
        except Invalid as error:
            problems = error.problems
    context = {
        "section": SECTION,
        "desks": visible_desks(request.user).prefetch_related("memberships", "strategies"),
        "may_open": may(request.user, OPEN_DESK),
        "typed": typed,
        "problems": problems,
    }
    return render(request, "strategies/desks.html", context, status=422 if problems else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: PersonRequest, code: UUID) -> HttpResponse:
    """One desk; who manages it changes its people here."""
    found = get_desk(request.user, code)
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        require_on(request.user, found, Action.MANAGE)
        try:
            messages.success(request, _changed(request, found))
            return redirect("desk", found.code)
        except Invalid as error:
            problems = error.problems
    allowed = actions_of(request.user, found)
    context = {
        "section": SECTION,
        "desk": found,
        "members": found.memberships.select_related("person"),
        "universes": found.universes.all(),
        "strategies": Strategy.objects.filter(desk=found).select_related("universe", "made_by"),
        "functions": Function.choices,
        "may_manage": Action.MANAGE in allowed,
        "may_research": Action.RESEARCH in allowed,
        "may_take_data": Action.DATA in allowed,
        "typed": request.POST,
        "problems": problems,
    }
    return render(request, "strategies/desk.html", context, status=422 if problems else 200)


def _changed(request: PersonRequest, found: Desk) -> str:
    """What was done, in words."""
    email = request.POST.get("email", "").strip()
    person = User.objects.filter(email__iexact=email).first() if email else None
    if person is None:
        raise refuse("unknown_person", "person", f"Nobody here has the address {email}." if email else "Say whom.")
    if request.POST.get("do") == "take_off":
        take_off_desk(by=request.user, desk=found, person=person)
        return f"{person.email} is no longer on {found}."
    made = put_on_desk(by=request.user, desk=found, person=person, function=request.POST.get("function", ""))
    return f"{person.email} is {made.get_function_display().lower()} of {found}."
