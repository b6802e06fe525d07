"""What a new domain touches outside its folder: INSTALLED_APPS, URLs, the list of rooms, docs. The rest it says itself."""

from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client

from accounts import audit, policies
from accounts.models import AuditEntry, Role, User
from accounts.services import change_user
from lib import navigation, panels, slots
from lib.errors import Forbidden
from notifications import kinds
from notifications.services import notify
from projects.models import Project
from projects.services import create_project

pytestmark = pytest.mark.django_db
REGISTRIES = (
    (slots, "_fragments"), (slots, "_answers"), (navigation, "_entries"), (panels, "_providers"), (kinds, "_labels"),
    (audit, "_words"), (policies, "_table"), (policies, "_roles"),
)  # fmt: skip


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> policies.Policy:
    """A room of boats joins the house, and leaves it after the test."""
    for module, name in REGISTRIES:
        known = getattr(module, name)
        copies = {key: value.copy() if hasattr(value, "copy") else value for key, value in known.items()}
        monkeypatch.setattr(module, name, copies)
    analyst = policies.declare_role("boats.analyst", "Boat analyst")
    kinds.declare({"boat_sunk": "Boat sunk"})
    audit.declare({"boat.launched": "Boat launched"})
    navigation.add(navigation.Entry("boats", "Boats", "home", 60, "?boats"))
    panels.show(lambda _: panels.Panel("Boats at sea", (), "No boat is out."), (Role.SPONSOR,), 5)
    slots.fill(
        "project.actions", "parts/icon.html", lambda page: {"name": "play"} if page["project"].title == "Quay" else None
    )
    return policies.declare("boats.launch", roles=(analyst, Role.ADMIN), refusal="Only boat analysts launch boats.")


def test_its_line_panel_and_fragment_are_on_pages_of_others(toy: object, client: Client, sponsor: User):
    quay, pier = (create_project(by=sponsor, title=title, inputs={}) for title in ("Quay", "Pier"))
    client.force_login(sponsor)
    home = client.get("/").content.decode()
    assert 'href="/?boats">Boats</a>' in home.replace("\n", "")
    assert home.index("Boats at sea") < home.index("Drafts to finish")

    def icons(project: Project) -> int:
        return client.get(f"/projects/{project.code}/").content.decode().count("<svg")

    assert icons(quay) == icons(pier) + 1


def test_its_news_can_be_sent_and_put_off(toy: object, client: Client, sponsor: User):
    [told] = notify(to=[sponsor], kind="boat_sunk", title="The Quay is down")
    assert told.get_kind_display() == "Boat sunk"
    client.force_login(sponsor)
    assert "Boat sunk" in client.get("/notifications/settings/").content.decode()


def test_its_actions_have_words_on_the_trail(toy: object, sponsor: User):
    assert audit.in_words("boat.launched") == "Boat launched"


def test_its_role_is_given_by_administrators_without_a_migration(toy: policies.Policy, sponsor: User, admin: User):
    assert policies.may(admin, toy)
    with pytest.raises(Forbidden, match="Only boat analysts"):
        policies.require(sponsor, toy)
    sponsor.further_roles = ["boats.analyst"]
    change_user(by=admin, user=sponsor)
    analyst = User.objects.get(pk=sponsor.pk)
    policies.require(analyst, toy)
    assert not policies.may(analyst, policies._table["permutations.run"])
    analyst.is_active = False
    assert not policies.may(analyst, toy)


def test_what_is_given_is_on_the_trail(toy: object, sponsor: User, admin: User):
    sponsor.further_roles = ["boats.analyst"]
    change_user(by=admin, user=sponsor)
    entry = AuditEntry.objects.get(action="user.changed")
    assert entry.before is not None
    assert "further_roles" not in entry.before
    assert entry.after is not None
    assert entry.after["further_roles"] == ["boats.analyst"]


def test_an_unknown_role_is_refused(toy: object, client: Client, sponsor: User, admin: User):
    client.force_login(admin)
    address = f"/admin/accounts/user/{sponsor.pk}/change/"
    assert "Boat analyst" in client.get(address).content.decode()
    typed: dict[str, Any] = {
        "email": sponsor.email,
        "full_name": sponsor.full_name,
        "role": sponsor.role,
        "is_active": "on",
    }
    refused = client.post(address, {**typed, "further_roles": ["admin"]})
    assert refused.status_code == 200
    assert User.objects.get(pk=sponsor.pk).further_roles == []
    client.post(address, {**typed, "further_roles": ["boats.analyst"]})
    assert User.objects.get(pk=sponsor.pk).further_roles == ["boats.analyst"]


def test_an_empty_slot_shows_nothing():
    assert Template('{% load house %}{% slot "nobody.here" %}').render(Context()) == ""
