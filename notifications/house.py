"""What notifications add to the house."""

from accounts import audit
from jobs.registry import register_sweep
from notifications import kinds, news
from notifications.outbox import sweep


def join() -> None:
    """The room's kinds of news, its words and the sweep of its mails are known from now on."""
    kinds.declare(news.LABELS, for_administrators=news.FOR_ADMINISTRATORS)
    register_sweep("mails sent", sweep)
    audit.declare({"notifications.mails_chosen": "Kinds of news by e-mail chosen"})
