"""What the API adds to the house."""

from accounts import audit
from api.idempotency import sweep_answers
from api.webhooks import sweep_deliveries
from jobs.registry import register_sweep
from lib import slots

WORDS = {
    "webhook.created": "Webhook created",
    "webhook.ended": "Webhook ended",
    "webhook.redelivered": "Webhook told again",
}


def join() -> None:
    """Its fragment, words and sweeps are known from now on."""
    audit.declare(WORDS)
    slots.fill("account.tokens", "api/fragments/docs_link.html")
    register_sweep("webhooks told", sweep_deliveries)
    register_sweep("answers of the API forgotten", sweep_answers)
