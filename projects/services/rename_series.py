from django.db import transaction

from accounts.audit import record
from accounts.models import User
from lib.verbs import save_checked
from projects.access import require_series_keeper
from projects.models import Series
from projects.services._saving import lock_series


@transaction.atomic
def rename_series(*, by: User, series: Series, title: str) -> Series:
    """The series under another name; nothing happens if it has it already."""
    current = lock_series(series)
    require_series_keeper(by, current)
    before = current.title
    if before == title.strip():
        return current
    current.title = title.strip()
    save_checked(current)
    names = {"before": {"title": before}, "after": {"title": current.title}}
    record(by=by, action="series.renamed", target=current, **names)
    return current
