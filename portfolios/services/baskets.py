"""Baskets of trades: made, filled, submitted, decided by a second person, booked as the next pool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.four_eyes import require_second
from accounts.models import User
from engine.errors import InputProblems
from engine.portfolios.trades import Tried
from lib.errors import Invalid
from lib.verbs import refuse, save_checked
from portfolios.access import require_decide, require_prepare
from portfolios.baskets import is_stale, tried
from portfolios.models import Basket, BasketState, Deal, PoolSnapshot
from portfolios.news import tell_of_basket
from portfolios.queries import latest_pool
from portfolios.services.take_pool import take_pool

MOST_TRADES = 100


@transaction.atomic
def make_basket(*, by: User, deal: Deal, name: str, trades: Sequence[Mapping[str, str]] = ()) -> Basket:
    """An empty basket, or one of these trades, on the pool as it stands."""
    require_prepare(by, deal)
    pool = latest_pool(deal)
    if pool is None:
        raise refuse("no_pool", "pool", "The deal has no pool yet: import a tape first.")
    basket = Basket(
        deal=deal, snapshot=pool, name=" ".join(name.split()), trades=[dict(row) for row in trades], made_by=by
    )
    save_checked(basket)
    audit.record(by=by, action="basket.made", target=basket, after={"name": basket.name, "trades": basket.trades})
    return basket


@transaction.atomic
def set_trades(*, by: User, basket: Basket, trades: Sequence[Mapping[str, str]]) -> Basket:
    """The basket's trades from now on; Invalid where they cannot be traded."""
    basket = _held(by, basket, BasketState.DRAFT)
    if len(trades) > MOST_TRADES:
        raise refuse("too_many", "trades", f"A basket holds at most {MOST_TRADES} trades.")
    before, basket.trades = basket.trades, [dict(row) for row in trades]
    _try(basket)
    save_checked(basket)
    audit.record(
        by=by, action="basket.changed", target=basket, before={"trades": before}, after={"trades": basket.trades}
    )
    return basket


@transaction.atomic
def submit_basket(*, by: User, basket: Basket) -> Basket:
    """The basket waits for a second person; one that breaks a test or the cash is refused."""
    basket = _held(by, basket, BasketState.DRAFT)
    found = _try(basket)
    if not basket.trades:
        raise refuse("empty", "trades", "The basket is empty.")
    if is_stale(basket):
        raise refuse("stale", "pool", "The deal has a newer pool: make the basket anew on it.")
    if not found.holds:
        worse = ", ".join(f"{c.after.rule.number} {c.after.rule.name}" for c in found.changes if c.is_worse)
        sentence = (
            f"Tests neither pass nor are maintained or improved: {worse}."
            if worse
            else "Principal cash does not suffice."
        )
        raise refuse("breaks", "trades", sentence)
    basket.state = BasketState.WAITING
    save_checked(basket)
    audit.record(by=by, action="basket.submitted", target=basket, after={"trades": basket.trades})
    tell_of_basket(basket)
    return basket


@transaction.atomic
def decide_basket(*, by: User, basket: Basket, approve: bool, reason: str = "") -> Basket:
    """Approved or sent back by somebody who did not make it."""
    require_decide(by, basket.deal)
    basket = _held(by, basket, BasketState.WAITING)
    require_second(by, [basket.made_by_id])
    if not approve and not reason.strip():
        raise refuse("reason", "reason", "Say why it is sent back.")
    basket.state = BasketState.APPROVED if approve else BasketState.REJECTED
    basket.decided_by, basket.decided_at, basket.reason = by, timezone.now(), reason.strip()
    save_checked(basket)
    audit.record(
        by=by,
        action="basket.approved" if approve else "basket.rejected",
        target=basket,
        after={"reason": basket.reason},
    )
    tell_of_basket(basket)
    return basket


@transaction.atomic
def book_basket(*, by: User, basket: Basket) -> PoolSnapshot:
    """The approved trades as the deal's next pool, with its tests."""
    require_decide(by, basket.deal)
    basket = _held(by, basket, BasketState.APPROVED)
    if is_stale(basket):
        raise refuse("stale", "pool", "The deal has a newer pool than these trades were tried on.")
    after = _try(basket).pool
    content = {
        **basket.snapshot.content,
        "principal_cash": str(after.principal_cash),
        "assets": [asset.to_dict() for asset in after.assets],
    }
    pool = take_pool(by=by, deal=basket.deal, content=content, origin=f"Trades booked: {basket}")
    basket.state = BasketState.BOOKED
    save_checked(basket)
    audit.record(by=by, action="basket.booked", target=basket, after={"pool": pool.content_hash})
    return pool


def _try(basket: Basket) -> Tried:
    try:
        return tried(basket)
    except InputProblems as error:
        raise Invalid(error.problems) from error


def _held(by: User, basket: Basket, state: BasketState) -> Basket:
    require_prepare(by, basket.deal)
    held = Basket.objects.select_for_update().select_related("deal", "snapshot", "made_by").get(pk=basket.pk)
    if held.state != state:
        raise refuse(
            "state", "state", f"The basket is {held.get_state_display().lower()}: this cannot be done with it."
        )
    return held
