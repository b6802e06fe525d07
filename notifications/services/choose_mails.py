from collections.abc import Collection

from django.db import transaction

from accounts.audit import record
from accounts.models import User
from notifications.models import DeclinedMail, Kind
from notifications.queries import mailed_kinds


@transaction.atomic
def choose_mails(*, by: User, kinds: Collection[Kind]) -> set[Kind]:
    """The kinds this person is told of by e-mail from now on; all kinds stay in the portal."""
    before, after = mailed_kinds(by), set(kinds)
    if before == after:
        return after
    DeclinedMail.objects.filter(person=by).delete()
    DeclinedMail.objects.bulk_create(DeclinedMail(person=by, kind=kind) for kind in Kind if kind not in after)
    record(
        by=by,
        action="notifications.mails_chosen",
        target=by,
        before={"by_mail": sorted(before)},
        after={"by_mail": sorted(after)},
    )
    return after
