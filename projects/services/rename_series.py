from django.db import transaction
from django.http import HttpRequest

from accounts.audit import record
from accounts.models import User
from projects.access import require_series_keeper
from projects.models import Series
from projects.services._saving import lock_series, save_checked


@transaction.atomic
def rename_series(*, by: User, series: Series, title: str, request: HttpRequest | None = None) -> Series:
    """The series under another name; nothing happens if it has it already."""
    current = lock_series(series)
    require_series_keeper(by, current)
    before = current.title
    if before == title.strip():
        return current
    current.title = title.strip()
    save_checked(current)
    names = {"before": {"title": before}, "after": {"title": current.title}}
    record(by=by, action="series.renamed", target=current, request=request, **names)
    return current
