from django.db import transaction

from accounts.audit import record
from accounts.models import User
from engine.errors import Problem
from lib.errors import Forbidden, Invalid
from projects.access import can_order, require_keeper
from projects.models import Project, Series
from projects.services._saving import lock, lock_order

BATCH = 200


@transaction.atomic
def move_project(
    *,
    by: User,
    project: Project,
    series: Series | None,
    before: Project | None = None,
    after: Project | None = None,
) -> Project:
    """The project in `series` (or in none), right before or after another one there, else at its end.

    The order is the owner's; the project's version stays, since nothing of it was edited.
    """
    lock_order(project.owner_id)
    current = lock(project)
    require_keeper(by, current)
    if not can_order(by, current.owner_id):
        raise Forbidden("Only the owner and administrators put somebody's projects in order.")
    target = _locked(series, current)
    order = _order(current, target)
    was = (current.series, _place(_order(current, current.series, with_itself=True), current))
    order.insert(_index(order, before, after), current)
    now = (target, _place(order, current))
    if was == now:
        return current
    _write(order, target, current)
    places = {"before": _told(*was), "after": _told(*now)}
    record(by=by, action="project.moved", target=current, **places)
    return current


def _locked(series: Series | None, project: Project) -> Series | None:
    if series is None:
        return None
    current = Series.objects.select_for_update().filter(pk=series.pk, owner_id=project.owner_id).first()
    if current is None:
        raise _refused("series", "Series: expected one of the project's owner, got another or one that was deleted.")
    return current


def _order(project: Project, series: Series | None, *, with_itself: bool = False) -> list[Project]:
    rows = Project.objects.filter(owner_id=project.owner_id, series=series)
    others = rows if with_itself else rows.exclude(pk=project.pk)
    return list(others.only("pk", "position", "series_id").order_by("position", "-pk"))


def _index(order: list[Project], before: Project | None, after: Project | None) -> int:
    neighbour = before or after
    if neighbour is None:
        return len(order)
    if neighbour not in order:
        raise _refused("place", "Place: the project beside it is no longer in this series. Reload the list.")
    return order.index(neighbour) + (0 if before else 1)


def _place(order: list[Project], project: Project) -> int:
    return order.index(project) + 1


def _write(order: list[Project], series: Series | None, moved: Project) -> None:
    changed = []
    for position, each in enumerate(order, start=1):
        if each.position != position or each is moved:
            each.position, each.series = position, series
            changed.append(each)
    Project.objects.bulk_update(changed, ["position", "series"], batch_size=BATCH)


def _told(series: Series | None, place: int) -> dict[str, object]:
    return {"series": series.title if series else None, "place": place}


def _refused(place: str, message: str) -> Invalid:
    return Invalid([Problem("refused", place, message)])
