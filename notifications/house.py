"""What notifications add to the house."""

from accounts import audit
from notifications import kinds, news


def join() -> None:
    """The room's kinds of news and words are known from now on."""
    kinds.declare(news.LABELS, for_administrators=news.FOR_ADMINISTRATORS)
    audit.declare({"notifications.mails_chosen": "Kinds of news by e-mail chosen"})
