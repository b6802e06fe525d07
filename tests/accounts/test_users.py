import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client

from accounts.models import AuditEntry, Role, User
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client: Client, email: str, password: str = PASSWORD):
    return client.post("/sign-in/", {"login": email, "password": password})


def test_the_login_is_the_email_in_any_case(client: Client, sponsor: User):
    response = sign_in(client, "SOFIA@Sponsor.EXAMPLE")
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(sponsor.pk)


def test_an_email_belongs_to_one_person_in_any_case(sponsor: User):
    with pytest.raises(ValidationError, match=r"has this e-mail|is taken"):
        User.objects.create_user("Sofia@sponsor.example", PASSWORD, full_name="Second Sofia")
    with pytest.raises(IntegrityError):
        User.objects.create(email="SOFIA@sponsor.example", full_name="Third Sofia")


def test_an_unapproved_person_is_told_to_wait(client: Client, sponsor: User):
    User.objects.update(is_approved=False)
    response = sign_in(client, sponsor.email)
    assert response.headers["Location"] == "/register/waiting/"
    assert "waits for an administrator" in client.get("/register/waiting/").content.decode()
    assert "_auth_user_id" not in client.session


def test_waiting_is_told_only_to_who_knows_the_password(client: Client, sponsor: User):
    User.objects.update(is_approved=False)
    response = sign_in(client, sponsor.email, "a wrong password altogether")
    assert response.status_code == 200
    assert "Wrong e-mail or password" in response.content.decode()


def test_a_session_ends_with_the_approval(client: Client, sponsor: User):
    client.force_login(sponsor)
    assert client.get("/").status_code == 200
    User.objects.update(is_approved=False)
    assert client.get("/").headers["Location"].startswith("/sign-in/")


def test_signing_in_and_out_is_on_the_trail(client: Client, sponsor: User):
    sign_in(client, sponsor.email)
    client.post("/sign-out/")
    entries = AuditEntry.objects.order_by("pk")
    assert [(entry.action, entry.actor, entry.address) for entry in entries] == [
        ("user.signed_in", sponsor, "127.0.0.1"),
        ("user.signed_out", sponsor, "127.0.0.1"),
    ]


def test_signing_out_takes_a_post(client: Client, sponsor: User):
    client.force_login(sponsor)
    assert client.get("/sign-out/").status_code == 405


@pytest.mark.parametrize(
    ("role", "approved", "active", "allowed"),
    [
        (Role.ADMIN, True, True, True),
        (Role.ADMIN, False, True, False),
        (Role.ADMIN, True, False, False),
        (Role.INTERNAL, True, True, False),
        (Role.SPONSOR, True, True, False),
    ],
)
def test_only_an_approved_administrator_administers(role: Role, approved: bool, active: bool, allowed: bool):
    user = User(email="a@b.example", role=role, is_approved=approved, is_active=active)
    assert user.is_staff is user.is_superuser is user.has_perm("accounts.view_user") is allowed


def test_createsuperuser_makes_an_approved_administrator():
    user = User.objects.create_superuser("root@house.example", PASSWORD, full_name="Root")
    assert user.is_platform_admin
    assert user.may_sign_in
    assert user.check_password(PASSWORD)
