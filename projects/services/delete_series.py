from django.db import transaction

from accounts.audit import record
from accounts.models import User
from projects.access import require_series_keeper
from projects.models import Series
from projects.services._saving import lock_order, lock_series


@transaction.atomic
def delete_series(*, by: User, series: Series) -> None:
    """Nothing; the series is gone, its projects are in none."""
    lock_order(series.owner_id)
    current = lock_series(series)
    require_series_keeper(by, current)
    # Before the trail is held: somebody at work on one of them holds it and waits for the trail.
    list(current.projects.select_for_update().order_by("pk").values_list("pk"))
    before = {
        "title": current.title,
        "owner": current.owner.email,
        "projects": [str(code) for code in current.projects.order_by("position", "-pk").values_list("code", flat=True)],
    }
    record(by=by, action="series.deleted", target=current, before=before)
    current.projects.update(series=None)
    current.delete()
