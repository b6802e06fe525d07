"""What the API adds to the house."""

from django.db.models import Q

from accounts import audit
from api.idempotency import sweep_answers
from api.models import Delivery, DeliveryState, KeptAnswer, Webhook
from api.webhooks import sweep_deliveries
from jobs.registry import register_sweep
from lib import personal, slots

WORDS = {
    "webhook.created": "Webhook created",
    "webhook.ended": "Webhook ended",
    "webhook.redelivered": "Webhook told again",
}


def join() -> None:
    """Its fragment, words, sweeps, and what it holds of people, are known from now on."""
    audit.declare(WORDS)
    personal.hold(KeptAnswer, also=("key", "begun_at"), goes=True)
    personal.hold(Webhook, also=("url", "kinds", "ended_at"), goes=True)
    personal.hold(Delivery, by=("webhook__owner",), also=("body", "delivered_at"))
    personal.forget_after("DELIVERY", Delivery, "created_at", ~Q(state=DeliveryState.WAITING))
    personal.mention(Delivery, "body")
    slots.fill("account.tokens", "api/fragments/docs_link.html")
    register_sweep("webhooks told", sweep_deliveries)
    register_sweep("answers of the API forgotten", sweep_answers)
