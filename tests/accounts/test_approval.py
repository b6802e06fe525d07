from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import AuditEntry, Role, User
from accounts.services import approve_user, change_user
from lib.errors import Forbidden, Invalid
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def newcomer() -> User:
    return User.objects.create_user("new@sponsor.example", PASSWORD, full_name="Nora Newcomer")


def actions() -> list[str]:
    return [entry.action for entry in AuditEntry.objects.order_by("pk") if entry.action != "user.signed_in"]


def test_an_approved_person_may_sign_in(admin: User, newcomer: User):
    assert not newcomer.may_sign_in
    assert approve_user(by=admin, user=newcomer).may_sign_in
    client = Client()
    client.post("/sign-in/", {"login": newcomer.email, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(newcomer.pk)


def test_approving_twice_leaves_one_entry(admin: User, newcomer: User):
    approve_user(by=admin, user=newcomer)
    approve_user(by=admin, user=newcomer)
    assert actions() == ["user.approved"]


def test_others_approve_nobody(sponsor: User, internal: User, newcomer: User):
    for by in (sponsor, internal, newcomer):
        with pytest.raises(Forbidden):
            approve_user(by=by, user=newcomer)
    newcomer.refresh_from_db()
    assert not newcomer.is_approved
    assert actions() == []


def test_the_last_administrator_stays(admin: User):
    admin.role = Role.SPONSOR
    other = User(email="boss@house.example", role=Role.ADMIN, is_approved=True)
    with pytest.raises(Invalid, match="last administrator"):
        change_user(by=other, user=admin)
    admin.refresh_from_db()
    assert admin.is_platform_admin
    assert actions() == []


def test_the_admin_approves_by_action(signed_in: Callable[[User], Client], admin: User, newcomer: User):
    data = {"action": "approve", "_selected_action": [newcomer.pk]}
    client = signed_in(admin)
    asked = client.post("/admin/accounts/user/", data, follow=True)
    assert newcomer.email in asked.content.decode()
    response = client.post(asked.redirect_chain[-1][0], {"role": "internal"}, follow=True)
    assert f"Approved: {newcomer.email}" in response.content.decode()
    newcomer.refresh_from_db()
    assert (newcomer.is_approved, newcomer.role) == (True, Role.INTERNAL)
    assert actions() == ["user.approved"]


def test_the_admin_adds_a_person(signed_in: Callable[[User], Client], admin: User):
    data = {"email": "Ann@House.example", "full_name": "Ann", "role": "internal"}
    response = signed_in(admin).post("/admin/accounts/user/add/", data)
    assert response.status_code == 302, response.content.decode()
    ann = User.objects.get(email="ann@house.example")
    assert (ann.role, ann.is_approved, ann.has_usable_password()) == (Role.INTERNAL, False, False)
    assert AuditEntry.objects.get(action="user.created").after == {
        "email": "ann@house.example",
        "full_name": "Ann",
        "role": "internal",
        "is_approved": False,
        "is_active": True,
    }


def test_the_admin_changes_a_person(signed_in: Callable[[User], Client], admin: User, newcomer: User):
    data = {"email": newcomer.email, "full_name": "Nora", "role": "internal", "is_active": "on"}
    response = signed_in(admin).post(f"/admin/accounts/user/{newcomer.pk}/change/", data)
    assert response.status_code == 302, response.content.decode()
    entry = AuditEntry.objects.get(action="user.changed")
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["role"], entry.after["role"], entry.actor) == ("sponsor", "internal", admin)


def test_the_admin_shows_the_trail_and_changes_nothing(
    signed_in: Callable[[User], Client], admin: User, newcomer: User
):
    client = signed_in(admin)
    approve_user(by=admin, user=newcomer)
    entry = AuditEntry.objects.get(action="user.approved")
    assert "user.approved" in client.get("/admin/accounts/auditentry/").content.decode()
    assert client.get(f"/admin/accounts/auditentry/{entry.pk}/change/").status_code == 200
    assert client.post(f"/admin/accounts/auditentry/{entry.pk}/change/", {}).status_code == 403
    assert client.post(f"/admin/accounts/auditentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"/admin/accounts/user/{newcomer.pk}/delete/", {"post": "yes"}).status_code == 403


def test_nobody_types_the_password_of_another(signed_in: Callable[[User], Client], admin: User, newcomer: User):
    data = {"usable_password": "true", "password1": "quite another password", "password2": "quite another password"}
    client, before = signed_in(admin), newcomer.password
    assert client.post(f"/admin/accounts/user/{newcomer.pk}/password/", data).status_code in {302, 403, 404}
    newcomer.refresh_from_db()
    assert newcomer.password == before
    assert (
        "/password/"
        not in client.get(f"/admin/accounts/user/{newcomer.pk}/change/").content.decode().split("<main")[-1]
    )
    assert "user.password_set" not in actions()


def test_the_administration_has_no_second_way_to_a_password(signed_in: Callable[[User], Client], admin: User):
    assert signed_in(admin).get("/admin/password_change/").headers["Location"] == "/account/password/"


def test_createsuperuser_on_an_empty_platform(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput", email="root@house.example", full_name="Root", verbosity=0)
    client.post("/sign-in/", {"login": "root@house.example", "password": PASSWORD})
    assert client.get("/admin/").headers["Location"] == "/account/one-time-password/"
