"""Two people at once, each on a connection of their own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.models import AuditEntry, User
from projects.errors import StaleVersion
from projects.models import Project, Snapshot
from projects.services import create_project, edit_project, take_snapshot
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
