from collections.abc import Collection

from django.db import transaction

from accounts.audit import record
from accounts.models import User
from notifications.kinds import choices
from notifications.models import DeclinedMail
from notifications.queries import mailed_kinds


@transaction.atomic
def choose_mails(*, by: User, kinds: Collection[str]) -> set[str]:
    """The kinds this person is told of by e-mail from now on; all kinds stay in the portal."""
    before, after = mailed_kinds(by), set(kinds)
    if before == after:
        return after
    DeclinedMail.objects.filter(person=by).delete()
    DeclinedMail.objects.bulk_create(DeclinedMail(person=by, kind=code) for code, _ in choices() if code not in after)
    record(
        by=by,
        action="notifications.mails_chosen",
        target=by,
        before={"by_mail": sorted(before)},
        after={"by_mail": sorted(after)},
    )
    return after
