"""Whoever has a token that ends soon is told once, in time to make another."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime

from accounts.models import ApiToken
from notifications.models import Notification
from notifications.news import ENDS_SOON
from notifications.services import close_news, notify

# A token made for a few days ends as its owner meant it to.
NOTICE, SHORT_LIVED = timedelta(days=7), timedelta(days=14)


def tell_of_ending_tokens() -> int:
    """How many owners were told; what was told of tokens that are over by now is closed, for the watcher."""
    now = timezone.now()
    waiting = Notification.objects.filter(kind=ENDS_SOON)
    told = set(waiting.values_list("url", flat=True))
    open_urls = set(waiting.filter(read_at=None).values_list("url", flat=True))
    ending = {address(token): token for token in _ending(now)}
    if open_urls - set(ending):
        close_news(kind=ENDS_SOON, urls=open_urls - set(ending))
    return sum(_tell(token, url) for url, token in ending.items() if url not in told)


def address(token: ApiToken) -> str:
    """The page of tokens, at this one."""
    return f"{reverse('account-tokens')}#token-{token.code}"


def _ending(now: datetime) -> QuerySet[ApiToken]:
    """Of people who may sign in: nobody else can be told."""
    valid = ApiToken.objects.filter(revoked_at=None, expires_at__gt=now, expires_at__lte=now + NOTICE)
    long_lived = valid.filter(created_at__lt=F("expires_at") - SHORT_LIVED)
    return long_lived.filter(owner__is_active=True, owner__is_approved=True).select_related("owner")


@transaction.atomic
def _tell(token: ApiToken, url: str) -> int:
    day = f"{localtime(token.expires_at):%-d %B %Y}"
    body = "Make another for the program that uses it, then revoke this one. The program is refused afterwards."
    return len(
        notify(to=[token.owner], kind=ENDS_SOON, title=f"Your token {token.name} ends on {day}", body=body, url=url)
    )
