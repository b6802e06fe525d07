"""The issuer's swaps of a run, valued on another day than the closing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid, NotFound
from lib.verbs import refuse
from securitisation.hedge_valuing import ValuedHedges, market_sets_for, valued_on
from securitisation.models import NotesRun
from securitisation.views.papers import done_run


@signed_in
@require_safe
def run_hedges(request: PersonRequest, code: UUID) -> HttpResponse:
    """The swaps on the day and under the market set of the address; by default at closing, under the one in force."""
    found = done_run(request, code)
    try:
        return _page(request, found, _asked(request, found))
    except Invalid as error:
        return _page(request, found, None, error.problems)


def _asked(request: PersonRequest, found: NotesRun) -> ValuedHedges:
    typed, chosen = request.GET.get("on", "").strip(), request.GET.get("market_set", "")
    try:
        on = date.fromisoformat(typed) if typed else None
    except ValueError:
        raise refuse("not_a_date", "on", "Day: expected a date such as 2027-06-30.") from None
    try:
        market_set = UUID(chosen) if chosen else None
    except ValueError:
        raise NotFound("There is no such market set.") from None
    return valued_on(request.user, found, on, market_set)


def _page(
    request: PersonRequest, found: NotesRun, valued: ValuedHedges | None, problems: Sequence[Problem] = ()
) -> HttpResponse:
    version = found.version
    chosen = str(valued.market_set.code) if valued else request.GET.get("market_set", "")
    context = {
        "section": "notes",
        "run": found,
        "structure": version.structure,
        "version": version,
        "typed": valued.on.isoformat() if valued else request.GET.get("on", ""),
        "closing": version.content["closing_date"],
        "sets": [(e, str(e.code) == chosen) for e in market_sets_for(request.user, version.content["currency"])],
        "valued": valued,
        "hedges": valued.swaps if valued else [],
        "market": valued.market_set if valued else None,
        "problems": problems,
    }
    return render(request, "securitisation/hedges.html", context, status=422 if problems else 200)
