"""Every save of a project comes back from its history: what it changes is shown first, and it is an edit like any other."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from lib.errors import Forbidden, NotFound
from projects.errors import StaleVersion
from projects.models import Project, Status
from projects.queries import pending_submission
from projects.services import archive_project, bring_back, complete_project, create_project, edit_project
from tests.projects.cast import put, sound_inputs
from tests.projects.reviewed import approved

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(sponsor: User) -> Project:
    """Saved as Quay with a PUE of 1.25 (1), as Quay II with 1.31 (2), as Quay III with gaps (3)."""
    inputs = put(sound_inputs(), "power.pue", 1.25)
    made = create_project(by=sponsor, title="Quay", inputs=inputs)
    made = edit_project(
        by=sponsor, project=made, title="Quay II", inputs=put(dict(made.inputs), "power.pue", 1.31), version=1
    )
    return edit_project(by=sponsor, project=made, title="Quay III", inputs={"country": "UK"}, version=2)


def test_title_inputs_and_status_are_as_they_were_saved(project: Project, sponsor: User):
    back = bring_back(by=sponsor, project=project, saved=2)
    assert (back.title, back.inputs["power"]["pue"], back.status, back.version) == ("Quay II", 1.31, Status.ACTIVE, 4)
    first = bring_back(by=sponsor, project=back, saved=1)
    assert (first.title, first.inputs["power"]["pue"]) == ("Quay", 1.25)
    assert bring_back(by=sponsor, project=first, saved=3).status == Status.DRAFT
    entry = AuditEntry.objects.filter(action="project.brought_back").latest("sequence")
    assert entry.before
    assert entry.after
    assert (entry.before["title"], entry.after["title"]) == ("Quay", "Quay III")


def test_what_stands_already_is_no_edit(project: Project, sponsor: User):
    assert bring_back(by=sponsor, project=project, saved=3).version == 3
    assert not AuditEntry.objects.filter(action="project.brought_back").exists()


def test_numbers_between_saves_are_not_there(project: Project, sponsor: User):
    back = bring_back(by=sponsor, project=project, saved=2)
    completed = complete_project(by=sponsor, project=back)
    assert completed.version == 5
    for number in (0, 5, 6):  # a status is no save
        with pytest.raises(NotFound):
            bring_back(by=sponsor, project=completed, saved=number)


def test_a_page_opened_before_another_save_brings_nothing_back(project: Project, sponsor: User):
    with pytest.raises(StaleVersion):
        bring_back(by=sponsor, project=project, saved=1, version=2)
    assert Project.objects.get(pk=project.pk).title == "Quay III"


def test_who_may(project: Project, sponsor: User, internal: User, other_sponsor: User, admin: User):
    with pytest.raises(Forbidden):
        bring_back(by=internal, project=project, saved=1)
    with pytest.raises(NotFound):
        bring_back(by=other_sponsor, project=project, saved=1)
    assert bring_back(by=admin, project=project, saved=1).title == "Quay"
    archive_project(by=sponsor, project=project)
    with pytest.raises(Forbidden, match="archived"):
        bring_back(by=sponsor, project=project, saved=2)


def test_another_projects_saves_are_not_brought_back(project: Project, sponsor: User):
    other = create_project(by=sponsor, title="Mill", inputs={"country": "UK"})
    with pytest.raises(NotFound):
        bring_back(by=sponsor, project=other, saved=2)


def test_approved_inputs_become_a_change_request(sponsor: User, admin: User):
    made = create_project(by=sponsor, title="Quay", inputs=put(sound_inputs(), "power.pue", 1.25))
    made = edit_project(
        by=sponsor, project=made, title="Quay", inputs=put(dict(made.inputs), "power.pue", 1.31), version=1
    )
    approved(made, by=admin)
    bring_back(by=sponsor, project=made, saved=1)
    waiting = pending_submission(made)
    assert waiting is not None
    assert waiting.snapshot.inputs["power"]["pue"] == 1.25


def test_from_the_history_and_undone(project: Project, sponsor: User, signed_in: Callable[[User], Client]):
    client = signed_in(sponsor)
    history = client.get(reverse("project-history", args=[project.code])).content.decode()
    first, last = (reverse("project-saved", args=[project.code, number]) for number in (1, 3))
    assert first in history
    assert last not in history  # it stands
    asked = client.get(first).content.decode()
    assert 'data-path="power.pue"' in asked
    assert "under the title Quay" in asked
    page = client.post(first, {"version": "3"}, follow=True).content.decode()
    assert "<h1>Quay</h1>" in page
    assert last in page  # the way back
    stale = client.post(reverse("project-saved", args=[project.code, 2]), {"version": "3"}, follow=True)
    assert "Nothing was changed." in stale.content.decode()
    client.post(last)
    assert Project.objects.get(pk=project.pk).title == "Quay III"
