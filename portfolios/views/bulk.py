"""Many assets edited at once: chosen by the filters of the pool's page and by ticks, tried, then applied as the next pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.policies import require
from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from engine.portfolios.assets import KINDS, Kind
from lib.errors import Invalid, NotFound
from lib.figures import readers_format
from lib.numbers import read_number
from portfolios.access import PREPARE, get_deal, get_of_deal
from portfolios.bulk import EDITABLE, FIGURES, Do, Edit, edited, effect
from portfolios.models import PoolSnapshot
from portfolios.pool_table import ASSETS, COLUMN_GROUPS, pool_source
from portfolios.queries import latest_pool
from portfolios.services.edit_assets import edit_assets
from portfolios.tape import TITLES
from portfolios.views.deals import rights
from portfolios.views.shown import shown_change
from tables.addresses import address_of, read_query
from tables.query import MAX_PAGE_SIZE
from tables.reading import page_of

EDIT_ROWS = 3
SHOWN_CELLS = 500
UNITS = {Kind.AMOUNT: "amount", Kind.RATE: "rate", Kind.NUMBER: "amount"}
SHOWN = ("issue_name", "issuer_name", "moodys_industry", "country", "deal_par_amount", "market_value")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: PersonRequest, code: UUID) -> HttpResponse:
    """The assets that pass the filters of the address, each ticked; tried first, then applied."""
    deal = get_deal(request.user, code)
    pool = latest_pool(deal)
    if pool is None:
        raise NotFound("The deal has no pool yet: import a tape first.")
    if request.method != "POST":
        return render(request, "portfolios/bulk.html", _context(request, pool))
    require(request.user, PREPARE)
    chosen, edits = request.POST.getlist("asset"), _edits(request)
    context = _context(request, pool)
    try:
        if not chosen:
            raise Invalid([Problem("none", "asset", "Assets: tick at least one.")])
        if request.POST.get("do") == "apply":
            seen = get_of_deal(request.user, PoolSnapshot, request.POST.get("pool", ""))
            made = edit_assets(
                by=request.user, pool=seen, assets=chosen, edits=edits, reason=request.POST.get("reason", "")
            )
            messages.success(request, f"{made}, no. {made.number}: {made.origin}.")
            return redirect("clo-deal", deal.code)
        context |= _tried(pool, chosen, edits)
    except Invalid as error:
        context["problems"] = error.problems
    return render(request, "portfolios/bulk.html", context, status=400 if context.get("problems") else 200)


def _tried(pool: PoolSnapshot, chosen: Sequence[str], edits: Sequence[Edit]) -> dict[str, Any]:
    found = edited(pool, chosen, edits)
    changes = [each for each in effect(pool, found) if each.change or each.before.threshold != each.after.threshold]
    return {
        "tried": found,
        "cells": found.cells[:SHOWN_CELLS],
        "refused": found.refused[:SHOWN_CELLS],
        "names": [row["blkrockid"] for row in pool.content["assets"]],
        "changes": [shown_change(each) for each in changes],
    }


def _edits(request: PersonRequest) -> list[Edit]:
    """The rows of the form that name a column; numbers as a tape writes them."""
    rows = zip(*(request.POST.getlist(name) for name in ("edit-column", "edit-do", "edit-value")), strict=False)
    return [
        Edit(column, Do(do) if do in tuple(Do) else Do.SET, _machine(column, do, value)) for column, do, value in rows if column
    ]  # fmt: skip


def _machine(column: str, do: str, value: str) -> str:
    """A number in the reader's format as a tape writes it; what is none stays, to be refused at its cells."""
    kind = KINDS.get(column, Kind.TEXT)
    if kind not in FIGURES:
        return value
    found = read_number(value, "factor" if do == Do.MULTIPLY else UNITS[kind], readers_format()).value
    return value if found is None else f"{found:f}"


def _context(request: PersonRequest, pool: PoolSnapshot) -> dict[str, Any]:
    chosen = request.POST.getlist("asset") if request.method == "POST" else None
    context: dict[str, Any] = {"section": "clo", "deal": pool.deal, "pool": pool, "problems": (), **rights(request)}
    try:
        query = replace(read_query(ASSETS, request.GET), columns=SHOWN, page=1, page_size=MAX_PAGE_SIZE)
        page = page_of(pool_source(pool), query)
        context["address"] = address_of(replace(query, columns=(), page_size=50))
        context["is_filtered"] = bool(query.filters)
    except Invalid as error:
        return {**context, "problems": error.problems, "assets": []}
    rows = pool.content["assets"]
    named = ((key, rows[key - 1]) for key in page.keys)
    context["assets"] = [
        (key, row, [row.get(name, "–") for name in SHOWN], chosen is None or row["blkrockid"] in chosen)
        for key, row in named
    ]
    return {**context, **_form(request)}


def _form(request: PersonRequest) -> dict[str, Any]:
    typed = zip(*(request.POST.getlist(name) for name in ("edit-column", "edit-do", "edit-value")), strict=False)
    rows = [row for row in typed if row[0]][: EDIT_ROWS * 4]
    return {
        "heads": [TITLES[name] for name in SHOWN],
        "edits": [*rows, *[("", Do.SET.value, "")] * max(1, EDIT_ROWS - len(rows))],
        "columns": [
            (group, [(n, TITLES[n] + (", %" if KINDS[n] is Kind.RATE else "")) for n in names if n in EDITABLE])
            for group, names in COLUMN_GROUPS
        ],
        "dos": [(Do.SET.value, "set to"), (Do.ADD.value, "add"), (Do.MULTIPLY.value, "multiply by")],
        "reason": request.POST.get("reason", ""),
    }
