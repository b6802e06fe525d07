"""What notifications add to the house."""

from accounts import audit
from jobs.registry import register_sweep
from lib import personal
from notifications import kinds, news
from notifications.ending_tokens import tell_of_ending_tokens
from notifications.models import DeclinedMail, Notification
from notifications.outbox import sweep


def join() -> None:
    """The room's kinds of news, its words, the sweep of its mails, and what it holds of people, are known from now on."""
    kinds.declare(news.LABELS, for_administrators=news.FOR_ADMINISTRATORS)
    register_sweep("mails sent", sweep)
    register_sweep("owners told of tokens that end", tell_of_ending_tokens)
    audit.declare({"notifications.mails_chosen": "Kinds of news by e-mail chosen"})
    personal.hold(Notification, also=("body", "url", "read_at", "sent_at"), goes=True)
    personal.hold(DeclinedMail, goes=True)
    personal.forget_after("NOTIFICATION", Notification, "created_at")
    personal.mention(Notification, "title", "body")
