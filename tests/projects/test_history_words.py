"""A project's history in the words of its form: no paths, codes or hashes reach who entered it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from projects.history_words import changes_in_words
from projects.models import Project
from projects.services import create_project, edit_project
from tests.projects.cast import put, sound_inputs
from tests.projects.reviewed import approved

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture
def edited(sponsor: User, admin: User) -> Project:
    """Sofia's approved project, then another power, escalator and building cost."""
    lines = {"architectural": 204_000_000}
    inputs = put(sound_inputs(), "capex.internal.lines", lines)
    project = approved(create_project(by=sponsor, title="Quay", inputs=inputs), by=admin)
    project.refresh_from_db()
    changed = put(put(inputs, "power.gross_facility_mw", 24.5), "lease.cpi_cap_rate", 0.045)
    changed = put(changed, "capex.internal.lines", {"architectural": 4_000_000})
    return edit_project(by=sponsor, project=project, title="Quay", inputs=changed, version=project.version)


def test_an_edit_is_told_in_labels_and_units(edited: Project):
    entry = AuditEntry.objects.filter(action="project.edited").latest("sequence")
    told = {change.field: (change.before, change.after) for change in changes_in_words(entry)}
    assert told["Gross facility power"][1] == "24.5 MW"
    assert told["Indexation cap"][1] == "4.5%"
    [line] = [change for field, change in told.items() if field.endswith(", internal")]
    assert line == ("204,000,000", "4,000,000")
    assert not [field for field in told if "." in field or "_" in field]


def test_the_page_has_no_path_and_no_hash(edited: Project, sponsor: User, signed_in: SignIn):
    page = signed_in(sponsor).get(reverse("project-history", args=[edited.code])).content.decode()
    text = page.partition('<ol class="history">')[2].partition("</ol>")[0]
    assert "inputs." not in text
    assert edited.snapshots.get(version=1).content_hash not in text
    assert str(edited.snapshots.get(version=1).code) not in text
    assert "more</summary>" in text
