from django.db import transaction

from accounts.audit import record
from accounts.models import User
from projects.access import require_series_keeper
from projects.models import Series
from projects.services._saving import lock_order, lock_series


@transaction.atomic
def move_series(*, by: User, series: Series, places: int) -> Series:
    """The series so many places further down among its owner's, up where negative; no further than the ends."""
    lock_order(series.owner_id)
    current = lock_series(series)
    require_series_keeper(by, current)
    order = list(current.owner.series.all())
    old = order.index(current)
    new = min(max(old + places, 0), len(order) - 1)
    if new == old:
        return current
    order.insert(new, order.pop(old))
    for position, each in enumerate(order, start=1):
        each.position = position
    Series.objects.bulk_update(order, ["position"])
    before, after = {"place": old + 1}, {"place": new + 1}
    record(by=by, action="series.moved", target=current, before=before, after=after)
    return order[new]
