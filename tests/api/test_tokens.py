"""Tokens: made by their owner, shown once, kept as a hash; they open what they are for, for as long as they may."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, AuditEntry, Scope, User
from accounts.services import issue_token, revoke_token
from accounts.tokens import hash_of_token
from lib.errors import Forbidden, Invalid, NotFound
from tests.api.cast import Program
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client, sponsor: User) -> Client:
    """Sofia's browser; she has just said who she is."""
    client.force_login(sponsor)
    assert client.get("/account/tokens/new/").status_code == 302
    client.post("/account/confirm/", {"password": PASSWORD})
    return client


def test_a_token_is_made_shown_once_and_opens(client: Client, sponsor: User):
    form = client.get("/account/tokens/new/")
    assert "What it may do" in form.content.decode()
    made = client.post("/account/tokens/new/", {"name": "Nightly", "scopes": ["read"], "days": "30"})
    text = made.context["text"]
    assert text in made.content.decode()
    token = ApiToken.objects.get()
    assert token.token_hash == hash_of_token(text)
    assert text not in str(ApiToken.objects.values())
    assert text not in client.get("/account/tokens/").content.decode()
    assert token.beginning in client.get("/account/tokens/").content.decode()
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {text}"})
    assert me.json()["email"] == sponsor.email
    assert me.json()["token"]["name"] == "Nightly"
    assert AuditEntry.objects.get(action="api_token.issued").target_code == token.code
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.last_address == "127.0.0.1"


def test_what_is_wrong_with_a_token_is_told_on_the_form(client: Client, sponsor: User):
    page = client.post("/account/tokens/new/", {"name": "", "scopes": ["all"], "days": "3000"})
    assert len(page.context["form"].errors) == 3
    with pytest.raises(Invalid, match="Days"):
        issue_token(by=sponsor, name="Long", scopes=["read"], days=366)
    with pytest.raises(Invalid, match="Scopes"):
        issue_token(by=sponsor, name="None", scopes=[], days=3)
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("header", ["Bearer atlas_nobodys", "Bearer ", "Bearer \xff", "Token x", "Basic eDp5"])
def test_nothing_else_opens(header: str):
    found = Client().get("/api/v1/me", headers={"Authorization": header})
    assert found.status_code == 401
    assert found.headers["WWW-Authenticate"].startswith("Bearer")
    assert found.headers["Content-Type"] == "application/problem+json"


def test_it_ends_with_its_day_its_revocation_and_its_owner(sponsor: User, admin: User):
    program = Program(sponsor)
    token = ApiToken.objects.get(owner=sponsor)
    assert program.get("me").status_code == 200
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert program.get("me").status_code == 401
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() + timedelta(days=1))
    User.objects.filter(pk=sponsor.pk).update(is_active=False)
    assert program.get("me").status_code == 401
    User.objects.filter(pk=sponsor.pk).update(is_active=True)
    revoke_token(by=admin, token=token)
    assert program.get("me").status_code == 401
    token.refresh_from_db()
    assert (token.standing, token.revoked_by) == ("Revoked", admin)


def test_only_its_owner_and_administrators_revoke_it(sponsor: User, other_sponsor: User, internal: User):
    token, _ = issue_token(by=sponsor, name="Mine", scopes=["read"], days=1)
    for stranger in (other_sponsor, internal):
        with pytest.raises(NotFound):
            revoke_token(by=stranger, token=token)
    assert revoke_token(by=sponsor, token=token).revoked_at is not None


def test_an_administrator_without_a_one_time_password_has_none(admin: User):
    program = Program(admin)
    assert program.get("me").status_code == 200
    Authenticator.objects.filter(user=admin).delete()
    refused = program.get("me")
    assert (refused.status_code, refused.json()["code"]) == (403, "one_time_password")
    with pytest.raises(Forbidden, match="one-time password"):
        issue_token(by=admin, name="Second", scopes=["read"], days=1)


def test_there_are_only_so_many(sponsor: User):
    for number in range(20):
        issue_token(by=sponsor, name=f"Number {number}", scopes=["read"], days=1)
    with pytest.raises(Invalid, match="20 valid tokens"):
        issue_token(by=sponsor, name="One more", scopes=["read"], days=1)


def test_scopes_narrow_what_a_token_does(sponsor: User):
    reader = Program(sponsor, [Scope.READ])
    assert reader.get("projects").status_code == 200
    refused = reader.post("projects", {"title": "Quay"})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope")
    writer = Program(sponsor, [Scope.WRITE])
    assert writer.post("projects", {"title": "Quay"}).status_code == 201
    assert writer.get("projects").status_code == 403


def test_a_browsers_session_reads_and_writes_with_its_csrf_token(sponsor: User):
    client = Client(enforce_csrf_checks=True)
    client.force_login(sponsor)
    assert client.get("/api/v1/projects").status_code == 200
    given: Any = {"data": '{"title": "Quay"}', "content_type": "application/json"}
    assert client.post("/api/v1/projects", **given).status_code == 403
    client.get("/account/preferences/")
    csrf = client.cookies["csrftoken"].value
    assert client.post("/api/v1/projects", headers={"X-CSRFToken": csrf}, **given).status_code == 201
