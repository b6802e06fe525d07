"""The admin shows projects, snapshots and rules to administrators, and changes none of them."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from projects.models import Project, Snapshot
from projects.services import create_project, take_snapshot
from ratings.models import RuleSet
from ratings.services import seed_rule_sets
from tests.projects.cast import sound_inputs

SignIn = Callable[[User], Client]


@pytest.fixture
def rows(sponsor: User) -> list[Project | Snapshot | RuleSet]:
    project = create_project(by=sponsor, title="<script>alert(1)</script>", inputs=sound_inputs())
    return [project, take_snapshot(by=sponsor, project=project), seed_rule_sets()[0]]


def test_administrators_read(rows: list[Project | Snapshot | RuleSet], admin: User, signed_in: SignIn) -> None:
    client = signed_in(admin)
    for row in rows:
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        listing = client.get(reverse(f"{name}_changelist"), {"q": "a"})
        assert listing.status_code == 200
        page = client.get(reverse(f"{name}_change", args=[row.pk]))
        assert page.status_code == 200
        assert b"<script>alert" not in listing.content + page.content
        assert client.get(reverse(f"{name}_add")).status_code == 403
        # A version of the rules has a page of its own, which takes nothing but its buttons.
        refused = 400 if isinstance(row, RuleSet) else 403
        assert client.post(reverse(f"{name}_change", args=[row.pk]), {"title": "x"}).status_code == refused
        assert client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_rules_are_shown_with_their_sources(
    rows: list[Project | Snapshot | RuleSet], admin: User, signed_in: SignIn
) -> None:
    page = signed_in(admin).get(reverse("admin:ratings_ruleset_change", args=[rows[-1].pk]), {"part": "UK"})
    assert "Rule book of the source platform: lowest DSCR by rating, UK, BBB" in page.content.decode()


def test_nobody_else_gets_in(
    rows: list[Project | Snapshot | RuleSet], sponsor: User, internal: User, signed_in: SignIn
) -> None:
    for user in (sponsor, internal):
        assert signed_in(user).get(reverse("admin:projects_project_changelist")).status_code in {302, 403, 404}
