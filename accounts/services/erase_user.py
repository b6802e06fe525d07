from collections.abc import Iterator

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from accounts import signals
from accounts.access import require_administrator
from accounts.audit import record
from accounts.models import User
from accounts.services._saving import require_an_administrator_is_left
from accounts.services.end_sessions import end_sessions
from lib import personal
from lib.verbs import refuse

BLANK = ("organisation", "registration_reason", "decline_reason", "time_zone")


@transaction.atomic
def erase_user(*, by: User, user: User, email: str) -> User:
    """The person's account, which nobody can tell or use any more; nothing happens to one that is erased already.

    `email` is the person's, typed once more by who erases. What they did stays, under the account's new name.
    """
    require_administrator(by)
    current = User.objects.select_for_update().get(pk=user.pk)
    if current.is_erased:
        return current
    if current.pk == by.pk:
        raise refuse("own_account", "user", "Nobody erases their own account: another administrator does.")
    if email.strip().lower() != current.email.lower():
        raise refuse("not_the_email", "email", f"E-mail: expected {current.email}, the one of the account to erase.")
    erased = _erase(current, by)
    require_an_administrator_is_left()
    return erased


@transaction.atomic
def erase_registration(user: User) -> User:
    """The account of somebody who was never let in, erased because its time is over."""
    return _erase(User.objects.select_for_update().get(pk=user.pk), by=None)


def _erase(current: User, by: User | None) -> User:
    words = set(_words_of(current))
    end_sessions(by=by, user=current)
    gone = {each.name: each.of(current).delete()[0] for each in personal.holdings() if each.goes}
    _give_a_new_name(current)
    signals.erased.send(sender=User, user=current)
    mentions = personal.replace_mentions(words, current.full_name)
    after = {"name": current.full_name, "mentions": mentions, "deleted": {name: n for name, n in gone.items() if n}}
    record(by=by, action="user.erased", target=current, after=after)
    return current


def _words_of(user: User) -> Iterator[str]:
    yield from (user.email, user.full_name)
    yield from EmailAddress.objects.filter(user=user).values_list("email", flat=True)


def _give_a_new_name(user: User) -> None:
    short = user.code.hex[:8]
    user.full_name, user.email = f"Erased account {short}", f"erased-{short}@erased.invalid"
    for name in BLANK:
        setattr(user, name, "")
    user.further_roles, user.last_login, user.erased_at = [], None, timezone.now()
    user.is_active = user.is_approved = False
    user.set_unusable_password()
    user.save()
