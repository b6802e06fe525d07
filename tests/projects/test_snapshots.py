"""Snapshots: one per content, and never changed, neither by the models nor by SQL."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from accounts.models import AuditEntry, User
from engine.project import ProjectInputs
from lib.canonical import canonical_hash
from lib.errors import AppendOnlyError
from projects.models import Project, Snapshot
from projects.services import create_project, edit_project, take_snapshot
from projects.translate import snapshot_inputs
from tests.projects.cast import put, sound_inputs


@pytest.fixture
def project(sponsor: User) -> Project:
    return create_project(by=sponsor, title="Quay", inputs=sound_inputs())


@pytest.fixture
def snapshot(sponsor: User, project: Project) -> Snapshot:
    return take_snapshot(by=sponsor, project=project)


def test_a_snapshot_holds_the_inputs_and_their_hash(snapshot: Snapshot, project: Project) -> None:
    snapshot.refresh_from_db()
    assert snapshot.content == project.inputs
    assert snapshot.content_hash == canonical_hash(snapshot.content)
    assert snapshot_inputs(snapshot) == ProjectInputs.from_dict(sound_inputs())


def test_the_same_content_is_the_same_snapshot(sponsor: User, admin: User, project: Project) -> None:
    first = take_snapshot(by=sponsor, project=project)
    edit_project(by=sponsor, project=project, title="Another title", inputs=sound_inputs(), version=1)
    assert take_snapshot(by=admin, project=project) == first
    assert AuditEntry.objects.filter(action="snapshot.taken").count() == 1


def test_other_content_is_the_next_version_and_going_back_finds_the_first(sponsor: User, project: Project) -> None:
    first = take_snapshot(by=sponsor, project=project)
    edit_project(by=sponsor, project=project, title="Q", inputs=put(sound_inputs(), "power.pue", 1.3), version=1)
    second = take_snapshot(by=sponsor, project=project)
    assert (first.version, second.version) == (1, 2)
    assert first.content_hash != second.content_hash
    edit_project(by=sponsor, project=project, title="Q", inputs=sound_inputs(), version=2)
    assert take_snapshot(by=sponsor, project=project) == first


def test_the_hash_does_not_depend_on_how_numbers_were_written(sponsor: User, snapshot: Snapshot) -> None:
    written_otherwise = put(put(sound_inputs(), "power.gross_facility_mw", "48.00"), "lease.term_years", 27.0)
    other = create_project(by=sponsor, title="Same", inputs=written_otherwise)
    assert take_snapshot(by=sponsor, project=other).content_hash == snapshot.content_hash


def test_the_model_refuses_changes(snapshot: Snapshot) -> None:
    snapshot.content = {}
    with pytest.raises(AppendOnlyError):
        snapshot.save()
    with pytest.raises(AppendOnlyError):
        snapshot.delete()


def test_the_database_refuses_changes(snapshot: Snapshot) -> None:
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        Snapshot.objects.filter(pk=snapshot.pk).update(version=9)
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        Snapshot.objects.filter(pk=snapshot.pk).delete()
    for statement in ("UPDATE projects_snapshot SET content_hash = 'x'", "DELETE FROM projects_snapshot"):
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    snapshot.refresh_from_db()
    assert snapshot.version == 1


def test_a_project_with_snapshots_is_not_deleted(snapshot: Snapshot) -> None:
    with pytest.raises(ProtectedError):
        snapshot.project.delete()


def test_a_hash_that_is_not_the_contents_is_refused(sponsor: User, project: Project) -> None:
    forged = Snapshot(project=project, version=1, content=project.inputs, content_hash="0" * 64, created_by=sponsor)
    with pytest.raises(Exception, match="expected"):
        forged.full_clean()
