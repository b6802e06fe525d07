"""The verbs: who may, what is saved, what the trail says."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import AuditEntry, User
from lib.errors import Forbidden, Invalid, NotFound
from projects.access import binned_projects
from projects.errors import NotComplete, StaleVersion
from projects.models import Project, Status
from projects.services import (
    archive_project,
    complete_project,
    create_project,
    delete_project,
    duplicate_project,
    edit_project,
    reopen_project,
    restore_project,
    take_snapshot,
)
from tests.projects.cast import put, sound_inputs


@pytest.fixture
def project(sponsor: User) -> Project:
    """Sofia's complete project."""
    return create_project(by=sponsor, title="Quay", inputs=sound_inputs())


def test_create_saves_and_leaves_a_trail(sponsor: User) -> None:
    project = create_project(by=sponsor, title="Quay", inputs=sound_inputs())
    project.refresh_from_db()
    assert (project.owner, project.status, project.version) == (sponsor, Status.ACTIVE, 1)
    entry = AuditEntry.objects.get(action="project.created")
    assert (entry.actor, entry.target_code) == (sponsor, project.code)
    assert entry.after is not None
    assert entry.after["inputs"] == project.inputs


def test_incomplete_inputs_make_a_draft(sponsor: User) -> None:
    draft = create_project(by=sponsor, title="Half", inputs=put(sound_inputs(), "power.pue", float("nan")))
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT
    assert "pue" not in draft.inputs["power"]


@pytest.mark.parametrize("title", ["", "   ", "x" * 256, "a\x00b"])
def test_a_title_that_will_not_do(sponsor: User, title: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_project(by=sponsor, title=title, inputs=sound_inputs())
    assert refused.value.problems[0].place == "title"
    assert not Project.objects.exists()
    assert not AuditEntry.objects.filter(action="project.created").exists()


def test_everybody_enters_projects_of_their_own(sponsor: User, internal: User, admin: User) -> None:
    for person in (sponsor, internal, admin):
        mine = create_project(by=person, title="Quay", inputs=sound_inputs())
        assert mine.owner == person
        assert edit_project(by=person, project=mine, title="Mine", inputs=sound_inputs(), version=1).title == "Mine"


def test_nobody_enters_projects_before_approval(sponsor: User) -> None:
    sponsor.is_approved = False
    with pytest.raises(Forbidden):
        create_project(by=sponsor, title="Quay", inputs=sound_inputs())


def test_only_administrators_enter_for_others(sponsor: User, other_sponsor: User, admin: User) -> None:
    with pytest.raises(Forbidden):
        create_project(by=sponsor, title="Quay", inputs={}, owner=other_sponsor)
    assert create_project(by=admin, title="Quay", inputs={}, owner=sponsor).owner == sponsor


def test_edit_moves_one_version_and_tells_before_and_after(sponsor: User, project: Project) -> None:
    edited = edit_project(
        by=sponsor, project=project, title="Quay 2", inputs=put(sound_inputs(), "power.pue", 1.25), version=1
    )
    assert (edited.version, edited.title, edited.inputs["power"]["pue"]) == (2, "Quay 2", 1.25)
    entry = AuditEntry.objects.get(action="project.edited")
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["title"], entry.after["title"]) == ("Quay", "Quay 2")


def test_two_people_with_the_same_version_the_second_loses_nothing_silently(
    sponsor: User, admin: User, project: Project
) -> None:
    hers, his = Project.objects.get(pk=project.pk), Project.objects.get(pk=project.pk)
    edit_project(by=sponsor, project=hers, title="Hers", inputs=sound_inputs(), version=hers.version)
    with pytest.raises(StaleVersion, match="expected version 1, got 2"):
        edit_project(by=admin, project=his, title="His", inputs=sound_inputs(), version=his.version)
    project.refresh_from_db()
    assert (project.title, project.version) == ("Hers", 2)


def test_bad_edits_turn_an_active_project_into_a_draft_and_back(sponsor: User, project: Project) -> None:
    draft = edit_project(by=sponsor, project=project, title="Quay", inputs={"country": "UK"}, version=1)
    assert draft.status == Status.DRAFT
    assert edit_project(by=sponsor, project=draft, title="Quay", inputs=sound_inputs(), version=2).is_complete


Verb = Callable[..., Any]
VERBS: list[Verb] = [archive_project, complete_project, delete_project, take_snapshot]


@pytest.mark.parametrize("verb", VERBS)
def test_outsiders_find_nothing_and_readers_may_not(
    verb: Verb, project: Project, other_sponsor: User, internal: User
) -> None:
    with pytest.raises(NotFound):
        verb(by=other_sponsor, project=project)
    with pytest.raises(Forbidden):
        verb(by=internal, project=project)
    assert AuditEntry.objects.filter(target_code=project.code).count() == 1


@pytest.mark.parametrize("verb", VERBS)
def test_twice_is_once(verb: Verb, project: Project, admin: User) -> None:
    verb(by=admin, project=project)
    if verb is delete_project:
        with pytest.raises(NotFound):
            verb(by=admin, project=project)
    else:
        verb(by=admin, project=project)
    assert AuditEntry.objects.filter(actor=admin).exclude(action__startswith="user.").count() == 1


def test_edit_is_closed_to_outsiders_readers_and_the_unapproved(
    project: Project, other_sponsor: User, internal: User, sponsor: User
) -> None:
    asked: dict[str, Any] = {"project": project, "title": "Mine", "inputs": {}, "version": 1}
    with pytest.raises(NotFound):
        edit_project(by=other_sponsor, **asked)
    with pytest.raises(Forbidden):
        edit_project(by=internal, **asked)
    sponsor.is_approved = False
    with pytest.raises(NotFound):
        edit_project(by=sponsor, **asked)


def test_archived_projects_are_read_only_until_restored(sponsor: User, project: Project) -> None:
    archived = archive_project(by=sponsor, project=project)
    with pytest.raises(Forbidden, match="archived"):
        edit_project(by=sponsor, project=archived, title="Quay", inputs={}, version=archived.version)
    with pytest.raises(Forbidden):
        take_snapshot(by=sponsor, project=archived)
    assert restore_project(by=sponsor, project=archived).status == Status.ACTIVE
    with pytest.raises(Forbidden, match="Only archived and deleted"):
        restore_project(by=sponsor, project=archived)


def test_a_restored_draft_is_a_draft(sponsor: User) -> None:
    draft = create_project(by=sponsor, title="Half", inputs={})
    archive_project(by=sponsor, project=draft)
    assert restore_project(by=sponsor, project=draft).status == Status.DRAFT


def test_out_of_the_bin_a_project_is_what_it_was(sponsor: User, project: Project) -> None:
    complete_project(by=sponsor, project=project)
    delete_project(by=sponsor, project=project)
    assert restore_project(by=sponsor, project=project).status == Status.COMPLETED
    archive_project(by=sponsor, project=project)
    delete_project(by=sponsor, project=project)
    assert restore_project(by=sponsor, project=project).status == Status.ARCHIVED
    trail = AuditEntry.objects.filter(action="project.restored").order_by("pk")
    assert [entry.after for entry in trail] == [{"status": "completed"}, {"status": "archived"}]


def test_only_those_who_keep_it_find_a_project_in_the_bin(
    sponsor: User, other_sponsor: User, internal: User, admin: User, project: Project
) -> None:
    delete_project(by=sponsor, project=project)
    for stranger in (other_sponsor, internal):
        assert not binned_projects(stranger).exists()
        with pytest.raises(NotFound):
            restore_project(by=stranger, project=project)
    assert project in binned_projects(sponsor)
    assert project in binned_projects(admin)
    assert restore_project(by=admin, project=project).status == Status.ACTIVE


def test_a_completed_project_is_reopened_a_draft_is_not(sponsor: User, project: Project) -> None:
    complete_project(by=sponsor, project=project)
    assert reopen_project(by=sponsor, project=project).status == Status.ACTIVE
    draft = create_project(by=sponsor, title="Half", inputs={})
    with pytest.raises(Forbidden, match="is draft"):
        reopen_project(by=sponsor, project=draft)


def test_a_copy_belongs_to_whoever_made_it(
    sponsor: User, internal: User, other_sponsor: User, project: Project
) -> None:
    first, second = (duplicate_project(by=internal, project=project) for _ in range(2))
    assert (first.title, second.title) == ("Copy of Quay", "Copy of Quay (2)")
    assert (first.owner, first.inputs, first.status, first.version) == (internal, project.inputs, Status.ACTIVE, 1)
    assert not first.snapshots.exists()
    entry = AuditEntry.objects.get(action="project.duplicated", target_code=first.code)
    assert entry.after is not None
    assert entry.after["copy_of"] == str(project.code)
    with pytest.raises(NotFound):
        duplicate_project(by=other_sponsor, project=project)


def test_a_copy_of_a_long_title_still_fits(sponsor: User) -> None:
    long = create_project(by=sponsor, title="x" * 255, inputs={})
    titles = [duplicate_project(by=sponsor, project=long).title for _ in range(2)]
    assert [len(title) for title in titles] == [255, 255]
    assert titles[1].endswith("x (2)")


def test_a_draft_is_not_completed_nor_snapshotted_and_says_why(sponsor: User) -> None:
    draft = create_project(by=sponsor, title="Half", inputs={"country": "UK"})
    for verb in (complete_project, take_snapshot):
        with pytest.raises(NotComplete) as refused:
            verb(by=sponsor, project=draft)
        assert "power.pue" in {p.place for p in refused.value.problems}


def test_a_deleted_project_is_gone_but_its_trail_stays(admin: User, sponsor: User, project: Project) -> None:
    delete_project(by=sponsor, project=project)
    with pytest.raises(NotFound):
        edit_project(by=admin, project=project, title="Quay", inputs={}, version=2)
    assert AuditEntry.objects.filter(target_code=project.code).count() == 2
