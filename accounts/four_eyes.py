"""Four eyes are those of two people: who may be the second after somebody, told by the audit trail.

Whoever makes an account, lets it in, changes it, sets its password or takes off its one-time password could use it. For
`ATLASNEXUS_FOUR_EYES_DAYS` after that, the account counts as in their hands, and so on from hand to hand; two accounts in one
pair of hands are not two people. What the operator does by a command on the machine counts for nobody.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import AuditEntry, User
from lib.errors import Forbidden

TAKES_IN_HAND = (
    *("user.created", "user.approved", "user.changed"),
    *("user.password_set", "user.one_time_password_removed"),
)


def may_be_second(user: User, authors: Iterable[int | None]) -> bool:
    """True of somebody who is none of these people, and in nobody's hands who has one of theirs."""
    return _hands([user.pk]).isdisjoint(_hands(authors))


def require_second(user: User, authors: Iterable[int | None], *, who: str = "person") -> None:
    """Raises Forbidden unless the person may decide on what these people wrote."""
    authors = list(authors)
    if user.pk in authors:
        raise Forbidden(f"A second {who} decides: you wrote a part of this yourself.")
    if not may_be_second(user, authors):
        days = settings.ATLASNEXUS_FOUR_EYES_DAYS
        raise Forbidden(
            f"A second {who} decides: somebody made or changed both your account and an author's, or one of you the other's, "
            f"less than {days} days ago. Ask somebody else, or wait until the {days} days are over."
        )


def _hands(people: Iterable[int | None]) -> set[int]:
    """Keys of these people and of everybody who had their accounts in hand, lately, from hand to hand."""
    since = timezone.now() - timedelta(days=settings.ATLASNEXUS_FOUR_EYES_DAYS)
    made = AuditEntry.objects.filter(action__in=TAKES_IN_HAND, at__gte=since, actor__isnull=False).order_by()
    known = {key for key in people if key is not None}
    new = set(known)
    while new and settings.ATLASNEXUS_FOUR_EYES_DAYS:
        codes = list(User.objects.filter(pk__in=new).values_list("code", flat=True))
        new = set(made.filter(target_code__in=codes).values_list("actor_id", flat=True)) - known
        known |= new
    return known
