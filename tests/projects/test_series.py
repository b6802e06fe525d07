"""Series: an owner's folders, their order, and the order of projects within."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.models import AuditEntry, User
from lib.errors import Forbidden, Invalid, NotFound
from projects.access import visible_series
from projects.models import Project, Series
from projects.services import (
    create_project,
    create_series,
    delete_project,
    delete_series,
    duplicate_project,
    move_project,
    move_series,
    rename_series,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def north(sponsor: User) -> Series:
    """Sofia's series."""
    return create_series(by=sponsor, title="North")


@pytest.fixture
def three(sponsor: User) -> list[Project]:
    """Projects A, B, C of Sofia's, in no series; the newest comes first until somebody orders them."""
    return [create_project(by=sponsor, title=title, inputs={}) for title in "ABC"]


def titles(owner: User, series: Series | None = None) -> str:
    """The titles of a series in the owner's order."""
    rows = Project.objects.filter(owner=owner, series=series).order_by("position", "-pk")
    return "".join(rows.values_list("title", flat=True))


def test_a_project_moves_beside_another_and_to_the_end(sponsor: User, three: list[Project]) -> None:
    a, b, c = three
    assert titles(sponsor) == "CBA"
    move_project(by=sponsor, project=a, series=None, before=b)
    assert titles(sponsor) == "CAB"
    move_project(by=sponsor, project=c, series=None, after=a)
    assert titles(sponsor) == "ACB"
    move_project(by=sponsor, project=a, series=None)
    assert titles(sponsor) == "CBA"
    create_project(by=sponsor, title="D", inputs={})
    assert titles(sponsor) == "DCBA"


def test_a_move_tells_from_where_to_where_and_edits_nothing(sponsor: User, north: Series, three: list[Project]) -> None:
    a = three[0]
    edited_at = a.updated_at
    move_project(by=sponsor, project=a, series=north)
    a.refresh_from_db()
    assert (a.series, a.version, a.updated_at) == (north, 1, edited_at)
    entry = AuditEntry.objects.get(action="project.moved")
    assert (entry.before, entry.after) == ({"series": None, "place": 3}, {"series": "North", "place": 1})
    move_project(by=sponsor, project=a, series=north)
    assert AuditEntry.objects.filter(action="project.moved").count() == 1


def test_a_neighbour_that_left_is_said_and_nothing_moves(sponsor: User, north: Series, three: list[Project]) -> None:
    a, b, _ = three
    move_project(by=sponsor, project=b, series=north)
    with pytest.raises(Invalid, match="no longer in this series"):
        move_project(by=sponsor, project=a, series=None, before=b)
    assert titles(sponsor) == "CA"


def test_into_nobody_elses_series(sponsor: User, other_sponsor: User, admin: User, three: list[Project]) -> None:
    his = create_series(by=other_sponsor, title="North")
    for person in (sponsor, admin):
        with pytest.raises(Invalid, match="of the project's owner"):
            move_project(by=person, project=three[0], series=his)


def test_a_deleted_series_sets_its_projects_free(sponsor: User, north: Series, three: list[Project]) -> None:
    binned = three[2]
    for project in three:
        move_project(by=sponsor, project=project, series=north)
    delete_project(by=sponsor, project=binned)
    delete_series(by=sponsor, series=north)
    assert titles(sponsor) == "ABC"
    entry = AuditEntry.objects.get(action="series.deleted")
    assert entry.before is not None
    assert entry.before["projects"] == [str(project.code) for project in three]
    for verb in (delete_series, lambda **asked: rename_series(title="South", **asked)):
        with pytest.raises(NotFound):
            verb(by=sponsor, series=Series(pk=north.pk, owner=sponsor))


def test_series_are_ordered_and_stop_at_the_ends(sponsor: User, north: Series) -> None:
    east, south = (create_series(by=sponsor, title=title) for title in ("East", "South"))
    move_series(by=sponsor, series=south, places=-1)
    assert list(sponsor.series.all()) == [north, south, east]
    move_series(by=sponsor, series=north, places=-1)
    assert list(sponsor.series.all()) == [north, south, east]
    move_series(by=sponsor, series=north, places=9)
    assert list(sponsor.series.all()) == [south, east, north]
    assert AuditEntry.objects.filter(action="series.moved").count() == 2


@pytest.mark.parametrize("title", ["", "  ", "north", "NORTH ", "x" * 121, "a\x00b"])
def test_a_name_that_will_not_do(sponsor: User, north: Series, title: str) -> None:
    with pytest.raises(Invalid):
        create_series(by=sponsor, title=title)
    other = create_series(by=sponsor, title="Other")
    with pytest.raises(Invalid):
        rename_series(by=sponsor, series=other, title=title)
    assert {series.title for series in sponsor.series.all()} == {"North", "Other"}


def test_two_owners_may_use_one_name(other_sponsor: User, north: Series) -> None:
    assert create_series(by=other_sponsor, title="North").owner == other_sponsor


VERBS: list[Callable[..., Any]] = [
    delete_series,
    lambda **asked: rename_series(title="Mine", **asked),
    lambda **asked: move_series(places=1, **asked),
]


@pytest.mark.parametrize("verb", VERBS)
def test_outsiders_find_no_series_and_readers_change_none(
    verb: Callable[..., Any], north: Series, sponsor: User, other_sponsor: User, internal: User, admin: User
) -> None:
    assert [north in visible_series(user) for user in (sponsor, other_sponsor, internal, admin)] == [
        True, False, True, True,
    ]  # fmt: skip
    with pytest.raises(NotFound):
        verb(by=other_sponsor, series=north)
    with pytest.raises(Forbidden):
        verb(by=internal, series=north)
    verb(by=admin, series=north)


def test_moving_is_for_those_who_keep_the_project(
    three: list[Project], other_sponsor: User, internal: User, admin: User, north: Series
) -> None:
    with pytest.raises(NotFound):
        move_project(by=other_sponsor, project=three[0], series=None)
    with pytest.raises(Forbidden):
        move_project(by=internal, project=three[0], series=north)
    with pytest.raises(Forbidden):
        create_series(by=internal, title="Theirs", owner=north.owner)
    assert move_project(by=admin, project=three[0], series=north).series == north


def test_a_copy_of_ones_own_stays_in_its_series(
    sponsor: User, internal: User, north: Series, three: list[Project]
) -> None:
    move_project(by=sponsor, project=three[0], series=north)
    assert duplicate_project(by=sponsor, project=three[0]).series == north
    assert duplicate_project(by=internal, project=three[0]).series is None


@pytest.mark.django_db(transaction=True)
def test_moves_at_once_lose_nobody(transactional_db: None, sponsor: User) -> None:
    north = create_series(by=sponsor, title="North")
    projects = [create_project(by=sponsor, title=title, inputs={}) for title in "ABCD"]
    start = Barrier(4)

    def move(project: Project) -> None:
        start.wait()
        try:
            move_project(by=sponsor, project=project, series=north)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(move, projects))
    assert sorted(titles(sponsor, north)) == list("ABCD")
    assert sorted(Project.objects.values_list("position", flat=True)) == [1, 2, 3, 4]
