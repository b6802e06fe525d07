"""Hypothetical trades: tried, searched, approved by a second person, booked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.portfolios.shown import TAG, ChangeShown, DealPoolShown, deal_run, figure
from api.v1.shared import Of, Person, Reason, code_of
from engine.errors import InputProblems, Problem
from engine.portfolios.rules import RULES
from engine.portfolios.trades import Side, Tried
from lib.errors import Invalid
from portfolios.access import get_deal, get_of_deal
from portfolios.baskets import MOST_CANDIDATES, ranked, tried
from portfolios.models import Basket, BasketState, PoolSnapshot
from portfolios.services.baskets import MOST_TRADES, book_basket, decide_basket, make_basket, set_trades, submit_basket

TRADE_EXAMPLE = {"trades": [{"side": "sell", "asset": "APA-0003", "par": "100000", "price_pct": "99.5"}]}


class TradeShown(Of):
    """One trade: par in the asset's currency, price in percent of par."""

    side = serializers.ChoiceField([each.value for each in Side])
    asset = serializers.CharField(max_length=60)
    par = serializers.DecimalField(max_digits=18, decimal_places=2, min_value=Decimal("0.01"))
    price_pct = serializers.DecimalField(max_digits=12, decimal_places=8, min_value=Decimal("0.00000001"))


class Trades(Of):
    trades = serializers.ListField(child=TradeShown(), max_length=MOST_TRADES)


class TriedShown(Of):
    """Every test before and after trades; they hold where each passes or is no worse, and cash suffices."""

    holds = serializers.BooleanField()
    principal_cash = figure(source="pool.principal_cash")
    changes = ChangeShown(many=True)


class BasketShown(Of):
    """Trades on a pool, on their way to a second person and into the next pool."""

    code = serializers.UUIDField()
    deal = code_of("deal")
    pool = code_of("snapshot")
    name = serializers.CharField()
    trades = TradeShown(many=True)
    state = serializers.ChoiceField(BasketState.choices)
    reason = serializers.CharField()
    made_by = Person()
    decided_by = Person(allow_null=True)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class NewBasket(Of):
    """A name, and trades of the pool as it stands."""

    name = serializers.CharField(max_length=120)
    trades = serializers.ListField(child=TradeShown(), max_length=MOST_TRADES, required=False, default=list)


class Objective(Of):
    """What candidates are ranked by: weights by number of test, and the par of each trade."""

    side = serializers.ChoiceField([each.value for each in Side], default=Side.BUY.value)
    par = serializers.DecimalField(
        max_digits=15, decimal_places=2, min_value=Decimal("0.01"), default=Decimal(1_000_000)
    )
    weights = serializers.DictField(
        child=serializers.DecimalField(max_digits=12, decimal_places=6), default=lambda: {"32": Decimal(1)}
    )


class RankedShown(Of):
    """A candidate tried on top of a basket."""

    side = serializers.CharField(source="trade.side.value")
    asset = serializers.CharField(source="trade.asset.blkrockid")
    issue = serializers.CharField(source="trade.asset.issue_name")
    par = figure(source="trade.par")
    price_pct = figure(source="trade.price_pct")
    score = figure()
    holds = serializers.BooleanField()
    broken_tests = serializers.ListField(child=serializers.IntegerField(), source="worse")


class Candidates(Of):
    """Candidates, best first: those that keep every test, then by the objective."""

    items = RankedShown(many=True, help_text=f"At most {MOST_CANDIDATES:,}.")


def _rows(trades: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Trades as a basket keeps them."""
    return [{**row, "par": f"{row['par']:f}", "price_pct": f"{row['price_pct']:f}"} for row in trades]


def _tried(basket: Basket) -> Tried:
    try:
        return tried(basket)
    except InputProblems as error:
        raise Invalid(error.problems) from error


class TryTrades(ApiView):
    tag = TAG

    @operation("try_trades", scope=Scope.RUN, body=Trades, answer=TriedShown, example=TRADE_EXAMPLE)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Tried:
        """Tries trades on the pool as it stands: every test before and after. Nothing is kept."""
        deal = get_deal(request.user, code)
        return _tried(Basket(deal=deal, snapshot=deal_run(deal).snapshot, trades=_rows(data["trades"])))


class Baskets(ApiView):
    tag = TAG

    @operation("list_baskets", answer=BasketShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Basket]:
        """Lists the baskets of a deal."""
        found = Basket.objects.filter(deal=get_deal(request.user, code))
        return found.select_related("deal", "snapshot", "made_by", "decided_by")

    @operation("make_basket", scope=Scope.WRITE, body=NewBasket, answer=BasketShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Basket:
        """Makes a basket on the pool as it stands."""
        basket = make_basket(by=request.user, deal=get_deal(request.user, code), name=data["name"])
        trades = _rows(data["trades"])
        return set_trades(by=request.user, basket=basket, trades=trades) if trades else basket


class BasketDetail(ApiView):
    tag = TAG

    @operation("read_basket", answer=BasketShown)
    def get(self, request: Caller, code: UUID) -> Basket:
        """Reads a basket."""
        return _basket(request, code)

    @operation("set_trades", scope=Scope.WRITE, body=Trades, answer=BasketShown)
    def put(self, request: Caller, code: UUID, data: dict[str, Any]) -> Basket:
        """Sets the trades of a draft."""
        return set_trades(by=request.user, basket=_basket(request, code), trades=_rows(data["trades"]))


def _basket(request: Caller, code: UUID) -> Basket:
    return get_of_deal(request.user, Basket, code)


class BasketChanges(ApiView):
    tag = TAG

    @operation("read_basket_changes", answer=TriedShown)
    def get(self, request: Caller, code: UUID) -> Tried:
        """Reads every test before and after a basket."""
        return _tried(_basket(request, code))


class BasketSearch(ApiView):
    tag = TAG

    @operation("search_candidates", scope=Scope.RUN, body=Objective, answer=Candidates)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> dict[str, Any]:
        """Tries every candidate on top of a basket and ranks them. Nothing is kept."""
        unknown = [name for name in data["weights"] if not (name.isdecimal() and int(name) in RULES)]
        if unknown:
            raise Invalid([Problem("unknown_test", f"weights.{each}", f"There is no test {each}.") for each in unknown])
        weights = {int(name): weight for name, weight in data["weights"].items()}
        try:
            return {"items": ranked(_basket(request, code), Side(data["side"]), data["par"], weights)}
        except InputProblems as error:
            raise Invalid(error.problems) from error


class BasketSubmit(ApiView):
    tag = TAG
    current = BasketDetail

    @operation("submit_basket", scope=Scope.WRITE, answer=BasketShown)
    def post(self, request: Caller, code: UUID) -> Basket:
        """Sends a basket to a second person; refused where it breaks a test or the cash."""
        return submit_basket(by=request.user, basket=_basket(request, code))


class BasketApprove(ApiView):
    tag = TAG
    current = BasketDetail

    @operation("approve_basket", scope=Scope.ISSUE, body=Reason, answer=BasketShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Basket:
        """Approves a basket; who made it may not."""
        return decide_basket(by=request.user, basket=_basket(request, code), approve=True, **data)


class BasketReject(ApiView):
    tag = TAG
    current = BasketDetail

    @operation("reject_basket", scope=Scope.ISSUE, body=Reason, answer=BasketShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Basket:
        """Sends a basket back, with the reason."""
        return decide_basket(by=request.user, basket=_basket(request, code), approve=False, **data)


class BasketBook(ApiView):
    tag = TAG
    current = BasketDetail

    @operation("book_basket", scope=Scope.ISSUE, answer=DealPoolShown, status=201)
    def post(self, request: Caller, code: UUID) -> PoolSnapshot:
        """Books an approved basket: its trades make the next pool."""
        return book_basket(by=request.user, basket=_basket(request, code))
