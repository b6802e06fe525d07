from django.db import transaction
from django.utils import timezone

from accounts import letters, signals
from accounts.access import require_administrator
from accounts.audit import record
from accounts.models import User
from accounts.services._saving import require_not_erased
from engine.errors import Problem
from lib.errors import Invalid


@transaction.atomic
def decline_user(*, by: User, user: User, reason: str) -> User:
    """The person, turned away with the reason they are told; nothing happens to one who was already."""
    require_administrator(by)
    current = User.objects.select_for_update().get(pk=user.pk)
    require_not_erased(current)
    _require(not current.is_approved, "approved", "is_approved", f"{current.email} is approved already. Untick active.")
    _require(bool(reason.strip()), "reason", "reason", "Give a reason: the person is told it.")
    if current.is_declined:
        return current
    current.declined_at, current.decline_reason = timezone.now(), reason.strip()
    current.full_clean()
    current.save(update_fields=["declined_at", "decline_reason"])
    record(by=by, action="user.declined", target=current, after={"reason": current.decline_reason})
    signals.declined.send(sender=User, user=current, by=by, reason=current.decline_reason)
    letters.tell_declined(current)
    return current


def _require(holds: bool, code: str, place: str, message: str) -> None:
    if not holds:
        raise Invalid([Problem(code, place, message)])
