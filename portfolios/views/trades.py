"""Baskets of hypothetical trades: every test before and after, candidates searched, approved by a second person, booked."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.four_eyes import may_be_second
from accounts.policies import require
from accounts.requests import PersonRequest, signed_in
from engine.errors import InputProblems, Problem
from engine.portfolios.rules import RULES
from engine.portfolios.search import Ranked
from engine.portfolios.trades import Side
from lib.errors import Invalid, NotFound
from lib.figures import DEFAULT_FORMAT
from portfolios.access import PREPARE, can_decide, get_deal, visible_deals
from portfolios.baskets import candidates_of, is_stale, ranked, read_trade, trades_of, tried
from portfolios.models import Basket, BasketState
from portfolios.queries import pool_of
from portfolios.services.baskets import book_basket, decide_basket, make_basket, set_trades, submit_basket
from portfolios.typed import as_typed, read_typed
from portfolios.views.deals import rights
from portfolios.views.shown import shown_change

SHOWN_BASKETS, SHOWN_CANDIDATES = 30, 50
WEIGHED = (32, 35, 36, 37, 33)
DEFAULT_WEIGHTS = {32: Decimal("0.6"), 36: Decimal("0.2"), 37: Decimal("0.2")}
DEFAULT_PAR = Decimal(1_000_000)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def baskets(request: PersonRequest, code: UUID) -> HttpResponse:
    """The baskets of a deal, and making one."""
    deal = get_deal(request.user, code)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        require(request.user, PREPARE)
        try:
            return redirect(
                "clo-basket", make_basket(by=request.user, deal=deal, name=request.POST.get("name", "")).code
            )
        except Invalid as error:
            problems = error.problems
    found = deal.baskets.select_related("made_by", "decided_by", "snapshot")[:SHOWN_BASKETS]
    context = {"section": "clo", "deal": deal, "baskets": found, "problems": problems, **rights(request)}
    return render(request, "portfolios/baskets.html", context, status=400 if problems else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def basket(request: PersonRequest, code: UUID) -> HttpResponse:
    """One basket: its trades, every test before and after."""
    found = _basket(request, code)
    if request.method != "POST":
        return _page(request, found)
    require(request.user, PREPARE)
    try:
        return VERBS.get(request.POST.get("do", ""), _add)(request, found)
    except Invalid as error:
        return _page(request, _basket(request, code), error.problems)


def _basket(request: PersonRequest, code: UUID) -> Basket:
    found = Basket.objects.select_related("deal", "snapshot__deal", "made_by", "decided_by")
    chosen = found.filter(deal__in=visible_deals(request.user), code=code).first()
    if chosen is None:
        raise NotFound("There is no such basket.")
    return chosen


def _add(request: PersonRequest, found: Basket) -> HttpResponse:
    typed = [request.POST.get(name, "").strip() for name in ("side", "asset", "par", "price")]
    set_trades(by=request.user, basket=found, trades=[*found.trades, read_trade(*typed)])
    return redirect("clo-basket", found.code)


def _remove(request: PersonRequest, found: Basket) -> HttpResponse:
    place = request.POST.get("place", "")
    left = [row for number, row in enumerate(found.trades) if str(number) != place]
    set_trades(by=request.user, basket=found, trades=left)
    return redirect("clo-basket", found.code)


def _submit(request: PersonRequest, found: Basket) -> HttpResponse:
    submit_basket(by=request.user, basket=found)
    messages.success(request, "The trades wait for a second person.")
    return redirect("clo-basket", found.code)


def _decide(request: PersonRequest, found: Basket) -> HttpResponse:
    is_approved = request.POST.get("do") == "approve"
    decide_basket(by=request.user, basket=found, approve=is_approved, reason=request.POST.get("reason", ""))
    return redirect("clo-basket", found.code)


def _book(request: PersonRequest, found: Basket) -> HttpResponse:
    pool = book_basket(by=request.user, basket=found)
    messages.success(request, f"Booked: {pool} is the deal's pool now.")
    return redirect("clo-deal", found.deal.code)


VERBS: dict[str, Callable[[PersonRequest, Basket], HttpResponse]] = {
    "add": _add, "remove": _remove, "submit": _submit, "approve": _decide, "reject": _decide, "book": _book,
}  # fmt: skip


def _page(request: PersonRequest, found: Basket, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    context: dict[str, Any] = {
        "section": "clo",
        "deal": found.deal,
        "basket": found,
        "is_stale": is_stale(found),
        "is_draft": found.state == BasketState.DRAFT,
        "held": sorted(pool_of(found.snapshot).assets, key=lambda a: a.issue_name),
        "candidates": candidates_of(found),
        "typed": request.POST if problems else {},
        "may_decide_this": can_decide(request.user) and may_be_second(request.user, [found.made_by_id]),
        **rights(request),
    }
    try:
        outcome = tried(found)
        context |= {
            "tried": outcome,
            "changes": [shown_change(change) for change in outcome.changes],
            "trades": list(enumerate(trades_of(found))),
        }
    except (InputProblems, Invalid) as error:
        problems = (*problems, *error.problems)
        context["trades"] = []
    return render(request, "portfolios/basket.html", {**context, "problems": problems}, status=400 if problems else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def candidates(request: PersonRequest, code: UUID) -> HttpResponse:
    """Every candidate tried on top of the basket, best first; the chosen ones join it."""
    found = _basket(request, code)
    if request.method == "POST":
        require(request.user, PREPARE)
        picked = [row.split("|") for row in request.POST.getlist("trade") if row.count("|") == 3]
        try:
            rows = [read_trade(side, asset, par, price, DEFAULT_FORMAT) for side, asset, par, price in picked]
            set_trades(by=request.user, basket=found, trades=[*found.trades, *rows])
            return redirect("clo-basket", found.code)
        except Invalid as error:
            return _search_page(request, found, error.problems)
    return _search_page(request, found)


def _search_page(request: PersonRequest, found: Basket, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    asked = request.GET.get("amount") or as_typed(DEFAULT_PAR)
    weights = {
        number: request.GET.get(f"weight-{number}") or as_typed(DEFAULT_WEIGHTS.get(number, Decimal(0)), "factor")
        for number in WEIGHED
    }
    side = request.GET.get("side", Side.BUY.value)
    found_trades: list[Ranked] = []
    try:
        amount = read_typed(asked, "par")
        numbers = {n: read_typed(w, f"weight of {RULES[n].name}", "factor") for n, w in weights.items()}
        found_trades = ranked(found, Side(side) if side in tuple(Side) else Side.BUY, amount, numbers)
    except (Invalid, InputProblems) as error:
        problems = (*problems, *error.problems)
    context = {
        "section": "clo",
        "deal": found.deal,
        "basket": found,
        "is_draft": found.state == BasketState.DRAFT,
        "ranked": [(each, _names(each.worse)) for each in found_trades[:SHOWN_CANDIDATES]],
        "count": len(found_trades),
        "holding": sum(each.holds for each in found_trades),
        "amount": asked,
        "side": side,
        "weights": [(number, RULES[number].name, weight) for number, weight in weights.items()],
        "problems": problems,
        **rights(request),
    }
    return render(request, "portfolios/search.html", context, status=400 if problems else 200)


def _names(numbers: tuple[int, ...]) -> str:
    return ", ".join(f"{number} {RULES[number].name}" for number in numbers)
