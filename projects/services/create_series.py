from django.db import transaction
from django.db.models import Max

from accounts.audit import record
from accounts.models import User
from lib.errors import Forbidden
from lib.verbs import save_checked
from projects.access import can_order
from projects.models import Series
from projects.services._saving import lock_order


@transaction.atomic
def create_series(*, by: User, title: str, owner: User | None = None) -> Series:
    """A new series, the owner's last; administrators may make one for somebody else."""
    whose = owner or by
    if not can_order(by, whose.pk):
        raise Forbidden("Only administrators make series for somebody else.")
    lock_order(whose.pk)
    last = whose.series.aggregate(last=Max("position"))["last"] or 0
    series = Series(owner=whose, title=title.strip(), position=last + 1)
    save_checked(series)
    after = {"title": series.title, "owner": whose.email}
    record(by=by, action="series.created", target=series, after=after)
    return series
