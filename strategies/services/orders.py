"""Paper orders: drawn up from the approved weights, sent, done. They go to no market."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from engine.errors import Problem
from lib.errors import Invalid
from lib.verbs import refuse, save_checked
from strategies.access import Action, require_on
from strategies.answers import wanted_weights
from strategies.models import OrderState, PaperOrder, State, Strategy, StrategyVersion
from strategies.portfolio_facts import Market, amount_of, held_shares, market_of
from strategies.queries import latest_version, locked
from strategies.services.check import check_that_opens

SIGNED = (State.APPROVED, State.EXPORTED)
MOST_LOT = 1_000_000
_CENT = Decimal("0.01")


def whole_shares(weight: Decimal, amount: Decimal, close: Decimal, lot_shares: int) -> int:
    """The shares nearest below the weight of the amount, in whole lots; never more than the weight, of either sign.

    >>> whole_shares(Decimal("0.1"), Decimal(10_000), Decimal("7"), 10), whole_shares(Decimal("-0.1"), Decimal(10_000), Decimal("7"), 10)
    (140, -140)
    """
    lots = weight * amount / close / lot_shares
    return int(lots.to_integral_value(ROUND_DOWN)) * lot_shares


@transaction.atomic
def draw_up_orders(*, by: User, strategy: Strategy, lot_shares: int = 1) -> list[PaperOrder]:
    """The orders that lead from what is held to the approved weights at the last close, in place of earlier drafts."""
    require_on(by, strategy.desk, Action.RESEARCH)
    held = _signed(strategy)
    if not 1 <= lot_shares <= MOST_LOT:
        raise refuse("lot", "lot_shares", f"Lot: expected 1 to {MOST_LOT:,} shares.")
    version = latest_version(held)
    if PaperOrder.objects.filter(version=version).exclude(state=OrderState.DRAFT).exists():
        raise refuse("sent", "orders", "Orders of this version were sent already.")
    check_that_opens(by, version)
    PaperOrder.objects.filter(version=version).delete()
    market = market_of(held.universe)
    orders = [order for order in _orders(by, version, market, lot_shares) if order.shares]
    for order in orders:
        save_checked(order)
    after = {"version": version.number, "day": str(market.day), "orders": [str(order) for order in orders]}
    audit.record(by=by, action="paper_orders.drawn_up", target=held, after=after)
    return orders


def _orders(by: User, version: StrategyVersion, market: Market, lot_shares: int) -> list[PaperOrder]:
    amount, wanted, held = amount_of(version), wanted_weights(version), held_shares(version.strategy)
    idents = sorted({*wanted, *held})
    without = [ident for ident in idents if market.close(ident) is None]
    if without:
        sentence = f"No close on {market.day:%-d %b %Y}: {', '.join(without)}."
        raise Invalid([Problem("no_close", "orders", sentence)])
    found = []
    for ident in idents:
        close, weight = market.close(ident) or Decimal(0), wanted.get(ident, Decimal(0))
        shares = whole_shares(weight, amount, close, lot_shares) - held.get(ident, 0)
        found.append(
            PaperOrder(
                strategy=version.strategy,
                version=version,
                ident=ident,
                shares=shares,
                lot_shares=lot_shares,
                close=close.quantize(Decimal("1e-6")),
                close_date=market.day,
                amount=(shares * close).quantize(_CENT, ROUND_HALF_UP),
                weight=weight,
                made_by=by,
            )
        )
    return found


@transaction.atomic
def send_orders(*, by: User, strategy: Strategy) -> list[PaperOrder]:
    """The drafts, sent: they are not drawn up again. Refused while a rule says BLOCK."""
    require_on(by, strategy.desk, Action.RESEARCH)
    held = _signed(strategy)
    drafts = list(PaperOrder.objects.filter(version=latest_version(held), state=OrderState.DRAFT))
    if not drafts:
        raise refuse("no_drafts", "orders", "There is no draft to send.")
    check_that_opens(by, latest_version(held))
    return _moved(by, held, drafts, OrderState.SENT)


@transaction.atomic
def orders_done(*, by: User, strategy: Strategy, codes: Sequence[str] = ()) -> list[PaperOrder]:
    """Sent orders of these codes, or all of them, done: their shares are held from now on."""
    require_on(by, strategy.desk, Action.RESEARCH)
    held = _signed(strategy)
    sent = PaperOrder.objects.filter(version=latest_version(held), state=OrderState.SENT)
    chosen = list(sent.filter(code__in=codes) if codes else sent)
    if not chosen:
        raise refuse("none_sent", "orders", "None of these orders is sent and not done.")
    return _moved(by, held, chosen, OrderState.DONE)


def _signed(strategy: Strategy) -> Strategy:
    held = locked(strategy)
    if held.state not in SIGNED:
        raise refuse("not_approved", "state", f"{held} is not approved: orders come from signed weights.")
    return held


def _moved(by: User, held: Strategy, orders: list[PaperOrder], state: OrderState) -> list[PaperOrder]:
    now = timezone.now()
    for order in orders:
        order.state = state
        setattr(order, f"{state.value}_at", now)
        save_checked(order)
    after = {"version": latest_version(held).number, "orders": [str(order) for order in orders]}
    audit.record(by=by, action=f"paper_orders.{state.value}", target=held, after=after)
    return orders
