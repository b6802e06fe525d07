"""The pool: every asset in a table to explore, and one asset with its ratings explained."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from engine.portfolios.measure import interest_of, par_of, spread_of
from engine.portfolios.ratings import default_probability_rating, rating_factor, rating_for_warf, recovery_rate
from lib.errors import NotFound
from portfolios.access import get_deal
from portfolios.baskets import run_of
from portfolios.models import Deal, PoolSnapshot, RatingAction, TakenNote
from portfolios.pool_table import ASSETS, pool_source
from portfolios.queries import checked, latest_pool
from portfolios.tape import TITLES
from portfolios.tapes import plain_text
from portfolios.views.deals import rights
from portfolios.views.shown import shown_test
from tables.views.explorer import Explorer, explore, export_response, opened_view


@signed_in
@require_safe
def pool(request: PersonRequest, code: UUID) -> HttpResponse:
    """The assets of a pool; ?view= opens one that somebody kept."""
    deal = get_deal(request.user, code)
    snapshot = _latest(deal)
    explorer = _explorer(deal, snapshot)
    if view := opened_view(explorer, request):
        return view
    context = {"section": "clo", "deal": deal, "snapshot": snapshot, **rights(request), **explore(explorer, request)}
    fragment = request.htmx and not request.htmx.history_restore_request
    return render(request, "portfolios/fragments/pool_table.html" if fragment else "portfolios/pool.html", context)


def _latest(deal: Deal) -> PoolSnapshot:
    found = latest_pool(deal)
    if found is None:
        raise NotFound("The deal has no pool yet: import a tape first.")
    return found


def _explorer(deal: Deal, snapshot: PoolSnapshot) -> Explorer:
    return Explorer(
        ASSETS,
        partial(pool_source, snapshot),
        reverse("clo-pool", args=[deal.code]),
        reverse("clo-pool-export", args=[deal.code]),
        len(snapshot.content["assets"]),
        deal.currency,
    )


async def pool_export(request: HttpRequest, code: UUID) -> HttpResponseBase:
    """The assets that pass the filters, as a file."""
    user = await request.auser()
    if not isinstance(user, User):
        return HttpResponse("Sign in to take the pool away.", status=401)
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405)
    snapshot = await sync_to_async(_of)(user, code)
    cover = (("Deal", snapshot.deal.name), ("Pool", str(snapshot)), ("Hash", snapshot.content_hash))
    name = f"pool-{snapshot.number}"
    return await export_response(ASSETS, partial(pool_source, snapshot), request.GET, name=name, cover=cover)


def _of(user: User, code: UUID) -> PoolSnapshot:
    return _latest(get_deal(user, code))


@signed_in
@require_safe
def asset(request: PersonRequest, code: UUID, row: int) -> HttpResponse:
    """One asset: how its ratings follow, what it is carried at, which tests count it, every column."""
    deal = get_deal(request.user, code)
    snapshot = _latest(deal)
    assets, terms, compliance = checked(run_of(snapshot))
    if not 1 <= row <= len(assets.assets):
        raise NotFound("The pool holds no such asset.")
    found, line = assets.assets[row - 1], compliance.coverage.carrying.lines[row - 1]
    on, asset_id = terms.determination_date, found.blkrockid
    recovery = recovery_rate(found, on)
    context = {
        "section": "clo",
        "deal": deal,
        "snapshot": snapshot,
        "asset": found,
        "par": par_of(found, terms),
        "carried": line,
        "interest": interest_of(found, terms),
        "spread": spread_of(found, terms),
        "dpr": default_probability_rating(found, on),
        "warf": rating_for_warf(found, on),
        "factor": rating_factor(found.moodys_rating_warf),
        "recovery": recovery,
        "counted": [(shown_test(r), dict(r.rows)[asset_id]) for r in compliance.results if asset_id in dict(r.rows)],
        "columns": [(header, plain_text(getattr(found, name))) for name, header in TITLES.items()],
        "actions": [
            (each, TITLES.get(each.column, each.column))
            for each in RatingAction.objects.filter(deal=deal, asset_id=asset_id)[:40]
        ],
        "taken": TakenNote.objects.filter(deal=deal, asset_id=asset_id).select_related("made_by").first(),
        "headers": TITLES,
    }
    return render(request, "portfolios/asset.html", context)
