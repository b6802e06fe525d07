"""Strategies by state, one strategy, and a new one."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid
from lib.verbs import refuse
from strategies.access import Action, get_desk, get_visible, require_on, require_view, visible, visible_desks
from strategies.defaults import default_content
from strategies.models import Desk, State, Strategy, Universe
from strategies.queries import families_in_force, runs_of, versions_of
from strategies.services.strategies import make_strategy
from strategies.views.shown import SECTION, strategy_context

SHOWN_RUNS = 50


@signed_in
@require_safe
def strategies(request: PersonRequest) -> HttpResponse:
    """The strategies a person may see, by state."""
    require_view(request.user)
    rows = list(visible(request.user, Strategy).select_related("desk", "universe", "made_by"))
    context = {
        "section": SECTION,
        "states": [(state, [row for row in rows if row.state == state]) for state in State],
        "count": len(rows),
        "desks": visible_desks(request.user),
    }
    return render(request, "strategies/strategies.html", context)


@signed_in
@require_safe
def strategy(request: PersonRequest, code: UUID) -> HttpResponse:
    """One strategy: what it says, its versions, what workers did of it."""
    found = get_visible(request.user, Strategy, code)
    context = {
        **strategy_context(request, found, "strategy"),
        "versions": versions_of(found),
        "runs": runs_of(found)[:SHOWN_RUNS],
    }
    return render(request, "strategies/strategy.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def strategy_new(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of a new strategy; a sound one leads to its page."""
    desk = get_desk(request.user, code)
    require_on(request.user, desk, Action.RESEARCH)
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            return redirect("strategy", _made(request, desk).code)
        except Invalid as error:
            problems = error.problems
    context = {
        "section": SECTION,
        "desk": desk,
        "universes": Universe.objects.filter(desk=desk),
        "families": [(each.family, each.name) for each in families_in_force()],
        "typed": request.POST,
        "problems": problems,
    }
    return render(request, "strategies/strategy_new.html", context, status=422 if problems else 200)


def _made(request: PersonRequest, desk: Desk) -> Strategy:
    universe = next((row for row in desk.universes.all() if str(row.code) == request.POST.get("universe")), None)
    if universe is None:
        raise refuse("no_universe", "universe", "Universe: choose one of the desk's.")
    return make_strategy(
        by=request.user,
        universe=universe,
        name=request.POST.get("name", ""),
        limits_family=request.POST.get("limits_family", ""),
        content=default_content(),
    )
