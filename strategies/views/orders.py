"""Paper orders of a strategy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid, NotFound
from lib.figures import readers_format
from lib.numbers import read_number
from lib.verbs import refuse
from strategies.access import Action, get_visible, require_on
from strategies.models import OrderState, Strategy
from strategies.portfolio_facts import held_shares
from strategies.services.orders import SIGNED, draw_up_orders, orders_done, send_orders
from strategies.views.shown import strategy_context

BADGES = {OrderState.DRAFT: "", OrderState.SENT: "info", OrderState.DONE: "done"}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def orders(request: PersonRequest, code: UUID) -> HttpResponse:
    """The orders of the version that stands; a post draws them up, sends them, or says that they are done."""
    strategy = get_visible(request.user, Strategy, code)
    if request.method != "POST":
        return _page(request, strategy)
    require_on(request.user, strategy.desk, Action.RESEARCH)
    try:
        messages.success(request, _DEEDS.get(request.POST.get("do", ""), _draw_up)(request, strategy))
    except Invalid as error:
        return _page(request, get_visible(request.user, Strategy, code), error.problems)
    except NotFound as missing:
        return _page(request, strategy, [Problem("missing", "limits", str(missing))])
    return redirect("strategy-orders", strategy.code)


def _draw_up(request: PersonRequest, strategy: Strategy) -> str:
    reading = read_number(request.POST.get("lot_shares") or "1", "count", readers_format())
    if reading.value is None or reading.value != int(reading.value):
        raise refuse("lot", "lot_shares", f"Lot: {reading.problem or 'expected a whole number of shares'}.")
    made = draw_up_orders(by=request.user, strategy=strategy, lot_shares=int(reading.value))
    return f"Drawn up: {len(made)} {'order' if len(made) == 1 else 'orders'}."


def _send(request: PersonRequest, strategy: Strategy) -> str:
    return f"Sent: {len(send_orders(by=request.user, strategy=strategy))}. Nothing goes to a market."


def _done(request: PersonRequest, strategy: Strategy) -> str:
    done = orders_done(by=request.user, strategy=strategy, codes=request.POST.getlist("order"))
    return f"Done: {len(done)}; their shares are held now."


_DEEDS: dict[str, Callable[[PersonRequest, Strategy], str]] = {"draw_up": _draw_up, "send": _send, "done": _done}


def _page(request: PersonRequest, strategy: Strategy, problems: Sequence[Problem] = ()) -> HttpResponse:
    context = strategy_context(request, strategy, "strategy-orders")
    rows = list(context["version"].orders.all())
    states = {row.state for row in rows}
    context |= {
        "orders": [(row, BADGES[OrderState(row.state)]) for row in rows],
        "bought": sum(row.amount for row in rows if row.amount > 0),
        "sold": -sum(row.amount for row in rows if row.amount < 0),
        "held": held_shares(strategy).items(),
        "is_signed": strategy.state in SIGNED,
        "may_draw_up": strategy.state in SIGNED and states <= {OrderState.DRAFT.value},
        "may_send": OrderState.DRAFT in states,
        "may_finish": OrderState.SENT in states,
        "lot": request.POST.get("lot_shares", "1"),
        "problems": problems,
    }
    return render(request, "strategies/orders.html", context, status=422 if problems else 200)
