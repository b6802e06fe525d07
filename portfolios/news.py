"""What the desk is told: a test that fails, a rating that falls, a payment date that nears, what waits for approval."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from engine.portfolios.compliance import Result
from engine.portfolios.ratings import MOODYS, SP
from notifications import kinds
from notifications.models import Notification
from notifications.services import close_news, notify
from portfolios.models import Basket, ComplianceRun, Deal, RatingAction
from portfolios.queries import deciders, desk, payment_calendar
from portfolios.tape import HEADERS

TEST_FAILED, RATING_FELL, PAYMENT_NEARS, BASKET_WAITS, BASKET_DECIDED = (
    "clo_test_failed", "clo_rating_fell", "clo_payment_nears", "clo_basket_waits", "clo_basket_decided",
)  # fmt: skip
LABELS = {
    TEST_FAILED: "CLO test failed",
    RATING_FELL: "CLO rating fell",
    PAYMENT_NEARS: "CLO payment date nears",
    BASKET_WAITS: "CLO trades to approve",
    BASKET_DECIDED: "CLO trades decided",
}
NEAR_DAYS = 7


def declare() -> None:
    """The room's kinds of news are known from now on."""
    kinds.declare(LABELS)


def tell_of_failures(run: ComplianceRun, failed: Sequence[Result]) -> None:
    """The desk hears of tests that fail and are no better than before."""
    if failed:
        names = ", ".join(f"{result.rule.number} {result.rule.name}" for result in failed[:5])
        more = f" and {len(failed) - 5} more" if len(failed) > 5 else ""
        title = f"{run.deal}: {len(failed)} {'test fails' if len(failed) == 1 else 'tests fail'}"
        notify(to=desk(), kind=TEST_FAILED, title=title, body=f"{run.snapshot}: {names}{more}.", url=deal_url(run.deal))


def tell_of_ratings(deal: Deal, actions: Sequence[RatingAction]) -> None:
    """The desk hears of ratings that fell since the pool before."""
    fallen = [action for action in actions if _fell(action)]
    if fallen:
        told = "; ".join(f"{a.asset_id} {HEADERS[a.column]} from {a.before} to {a.rating}" for a in fallen[:8])
        title = f"{deal}: {len(fallen)} {'rating' if len(fallen) == 1 else 'ratings'} fell"
        notify(to=desk(), kind=RATING_FELL, title=title, body=told, url=deal_url(deal))


def _fell(action: RatingAction) -> bool:
    for scale in (MOODYS, SP):
        if action.before in scale and action.rating in scale:
            return scale.index(action.rating) > scale.index(action.before)
    return action.rating == "D" and action.before in SP


def tell_of_basket(basket: Basket) -> None:
    """Those who may approve hear that trades wait, or the author that somebody decided."""
    url = reverse("clo-basket", args=[basket.code])
    if basket.decided_by is None:
        others = [person for person in deciders() if person != basket.made_by]
        notify(to=others, kind=BASKET_WAITS, title=f"{basket.deal}: {basket} waits for approval", url=url)
    else:
        close_news(kind=BASKET_WAITS, urls=[url])
        title = f"{basket.deal}: {basket} {basket.get_state_display().lower()}"
        notify(to=[basket.made_by], kind=BASKET_DECIDED, title=title, body=basket.reason, url=url)


def tell_of_payments() -> int:
    """The desk hears once of every payment date of the coming week; how many dates were told of."""
    today, told = timezone.localdate(), 0
    for deal in Deal.objects.all():
        dates = payment_calendar(deal, today).adjusted[:1]
        for day in dates:
            title = f"{deal}: payment date {day:%d %b %Y}"
            if (
                day <= today + timedelta(days=NEAR_DAYS)
                and not Notification.objects.filter(kind=PAYMENT_NEARS, title=title).exists()
            ):
                told += bool(notify(to=desk(), kind=PAYMENT_NEARS, title=title, url=deal_url(deal)))
    return told


def deal_url(deal: Deal) -> str:
    """The deal's page."""
    return reverse("clo-deal", args=[deal.code])
