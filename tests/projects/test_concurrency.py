"""Two people at once, each on a connection of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.audit import record
from accounts.models import AuditEntry, User
from projects.errors import StaleVersion
from projects.models import Project, ProjectDraft, Snapshot
from projects.services import create_project, create_series, delete_series, edit_project, move_project, take_snapshot
from projects.services.discard_draft import discard_draft
from projects.services.keep_draft import keep_draft
from tests.projects.cast import sound_inputs

PEOPLE = 4
pytestmark = pytest.mark.django_db(transaction=True)


def _at_once(verb: Any) -> list[Any]:
    start = Barrier(PEOPLE)

    def run(number: int) -> Any:
        start.wait()
        try:
            return verb(number)
        except StaleVersion as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        return list(pool.map(run, range(PEOPLE)))


def test_of_edits_with_the_same_version_one_wins(transactional_db: None, sponsor: User) -> None:
    project = create_project(by=sponsor, title="Quay", inputs=sound_inputs())
    results = _at_once(
        lambda number: edit_project(
            by=sponsor, project=project, title=f"Edit {number}", inputs=sound_inputs(), version=1
        )
    )
    winners = [r for r in results if isinstance(r, Project)]
    project.refresh_from_db()
    assert len(winners) == 1
    assert [str(r)[:40] for r in results if r not in winners] == ["Somebody saved this project after you op"] * 3
    assert (project.title, project.version) == (winners[0].title, 2)
    assert AuditEntry.objects.filter(action="project.edited").count() == 1


def test_snapshots_of_the_same_content_are_one_row(transactional_db: None, sponsor: User) -> None:
    project = create_project(by=sponsor, title="Quay", inputs=sound_inputs())
    taken = _at_once(lambda _: take_snapshot(by=sponsor, project=project))
    assert {snapshot.pk for snapshot in taken} == {Snapshot.objects.get().pk}


# Long enough for the other to come as far as it can.
A_WHILE_SECONDS = 0.5


def _while_held(hold: Callable[[], object], verb: Callable[[], object]) -> None:
    """Somebody holds rows, then writes the trail; another's verb comes in between. Both get to their end."""
    held = Event()

    def first() -> None:
        try:
            with transaction.atomic():
                hold()
                held.set()
                sleep(A_WHILE_SECONDS)
                record(by=None, action="test.held", target=None)
        finally:
            connection.close()

    def second() -> None:
        try:
            held.wait()
            verb()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first), pool.submit(second)]:
            done.result(timeout=60)


def test_a_series_is_deleted_while_its_project_is_saved(transactional_db: None, sponsor: User) -> None:
    series = create_series(by=sponsor, title="North")
    project = create_project(by=sponsor, title="Quay", inputs=sound_inputs())
    move_project(by=sponsor, project=project, series=series)
    _while_held(
        lambda: Project.objects.select_for_update().get(pk=project.pk),
        lambda: delete_series(by=sponsor, series=series),
    )
    project.refresh_from_db()
    assert project.series is None


def test_a_draft_is_discarded_while_it_is_kept(transactional_db: None, sponsor: User) -> None:
    draft = keep_draft(by=sponsor, project=None, door="quick", typed={"title": "Quay"}, base={})
    _while_held(
        lambda: ProjectDraft.objects.select_for_update().get(pk=draft.pk),
        lambda: discard_draft(by=sponsor, draft=draft),
    )
    assert not ProjectDraft.objects.exists()
