"""The owner of a token that ends soon is told once, and no longer than there is something to do."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.services.issue_token import issue_token
from accounts.services.revoke_token import revoke_token
from notifications.ending_tokens import address, tell_of_ending_tokens
from notifications.models import Notification
from notifications.news import ENDS_SOON

pytestmark = pytest.mark.django_db


def token(owner: User, *, lives: float, left: float) -> ApiToken:
    """A token made for so many days, of which so many are left."""
    made, _ = issue_token(by=owner, name="Nightly", scopes=["read"], days=30)
    made.expires_at = timezone.now() + timedelta(days=left)
    made.created_at = made.expires_at - timedelta(days=lives)
    made.save()
    return made


def told() -> list[tuple[str, str]]:
    return list(Notification.objects.filter(kind=ENDS_SOON, read_at=None).values_list("person__email", "url"))


def test_the_owner_is_told_once_a_week_ahead(sponsor: User):
    ending = token(sponsor, lives=90, left=6.9)
    token(sponsor, lives=90, left=7.1)
    token(sponsor, lives=10, left=5)
    assert (tell_of_ending_tokens(), tell_of_ending_tokens()) == (1, 0)
    assert told() == [(sponsor.email, address(ending))]
    [news] = Notification.objects.filter(kind=ENDS_SOON)
    assert news.title == f"Your token Nightly ends on {ending.expires_at:%-d %B %Y}"
    assert news.mail_due_at


@pytest.mark.parametrize("how", ["revoked", "over"])
def test_what_is_over_is_told_no_longer(sponsor: User, how: str):
    ending = token(sponsor, lives=90, left=3)
    tell_of_ending_tokens()
    if how == "revoked":
        revoke_token(by=sponsor, token=ending)
    else:
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert told()
    assert tell_of_ending_tokens() == 0
    assert told() == []


def test_nobody_is_told_who_may_not_sign_in(sponsor: User):
    token(sponsor, lives=90, left=3)
    User.objects.filter(pk=sponsor.pk).update(is_active=False)
    assert tell_of_ending_tokens() == 0
