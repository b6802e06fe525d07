"""The second step: set up, asked for, kept by administrators, taken off after a lost phone."""

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import AuditEntry, User
from accounts.sealing import decrypt, encrypt
from accounts.services import forget_one_time_password
from accounts.services.one_time_password import current_code
from lib.errors import Forbidden
from tests.conftest import one_time_code
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db
ENROL = "/account/one-time-password/"


def sign_in(client: Client, user: User) -> Any:
    return client.post("/sign-in/", {"login": user.email, "password": PASSWORD})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def actions() -> list[str]:
    return [entry.action for entry in AuditEntry.objects.order_by("sequence")]


@pytest.fixture
def boss(db: None) -> User:
    """An administrator of today, without a phone yet."""
    return User.objects.create_superuser("boss@house.example", PASSWORD, full_name="Bo Boss")


def test_the_code_is_asked_after_the_password(client: Client, admin: User):
    assert sign_in(client, admin).headers["Location"] == "/sign-in/code/"
    assert not is_in(client)
    assert client.get("/projects/").headers["Location"].startswith("/sign-in/")
    refused = client.post("/sign-in/code/", {"code": "000000"})
    assert "not right" in refused.content.decode()
    assert not is_in(client)
    assert client.post("/sign-in/code/", {"code": one_time_code(admin)}).headers["Location"] == "/"
    assert is_in(client)
    assert actions() == ["user.code_refused", "user.signed_in"]


def test_a_code_opens_once(admin: User):
    code = one_time_code(admin)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, admin)
        client.post("/sign-in/code/", {"code": code})
    assert (is_in(first), is_in(second)) == (True, False)


def test_a_recovery_code_opens_once_too(client: Client, boss: User):
    codes = enrol(client, boss)
    first, second = Client(), Client()
    for each in (first, second):
        sign_in(each, boss)
        each.post("/sign-in/code/", {"code": codes[0]})
    assert (is_in(first), is_in(second)) == (True, False)


def test_codes_are_not_guessed(client: Client, admin: User):
    sign_in(client, admin)
    for _ in range(5):
        client.post("/sign-in/code/", {"code": "000000"})
    answer = client.post("/sign-in/code/", {"code": one_time_code(admin)})
    assert "Too many wrong codes" in answer.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize("code", ["", "0" * 5000, "<script>", "\x00", "12345६", "' OR 1=1 --"])
def test_no_code_breaks_the_page(client: Client, admin: User, code: str):
    sign_in(client, admin)
    assert client.post("/sign-in/code/", {"code": code}).status_code == 200
    assert not is_in(client)


def enrol(client: Client, user: User) -> list[str]:
    """Signs in and sets up the phone as the page says; the recovery codes."""
    sign_in(client, user)
    page = client.get(ENROL).content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    secret = re.search(r'enrol__secret">([A-Z2-7=]+)<', page)
    assert secret
    answer = client.post(ENROL, {"code": current_code(secret[1])}, follow=True)
    return re.findall(r"<li><code>(\d{8})</code></li>", answer.content.decode())


@pytest.mark.parametrize("url", ["/", "/projects/", "/admin/", "/admin/accounts/user/", "/account/security/"])
def test_an_administrator_without_one_is_led_to_it(client: Client, boss: User, url: str):
    sign_in(client, boss)
    assert client.get(url).headers["Location"] == ENROL
    assert client.post(url).headers["Location"] == ENROL
    fragment = client.get(url, headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"] == ENROL
    assert client.get("/health/").status_code == 200
    assert client.post("/sign-out/").status_code == 302


def test_enrolment_opens_the_doors(client: Client, boss: User, django_capture_on_commit_callbacks: Any):
    with django_capture_on_commit_callbacks(execute=True):
        codes = enrol(client, boss)
    assert len(codes) == 10
    assert client.get("/admin/").status_code == 200
    assert {"user.one_time_password_added", "user.recovery_codes_added"} <= set(actions())
    assert mail.outbox[-1].subject == "A one-time password was set up"
    download = client.get("/account/recovery-codes/download/")
    assert "attachment" in download.headers["Content-Disposition"]
    assert set(re.findall(r"\d{8}", download.content.decode())) == set(codes)


def test_a_wrong_first_code_enrols_nobody(client: Client, boss: User):
    sign_in(client, boss)
    client.get(ENROL)
    assert "not right" in client.post(ENROL, {"code": "000000"}).content.decode()
    assert not Authenticator.objects.filter(user=boss).exists()


def test_where_it_is_optional_nobody_is_led(client: Client, boss: User, settings: Settings):
    settings.ATLASNEXUS_ADMIN_OTP = "optional"
    sign_in(client, boss)
    assert client.get("/admin/").status_code == 200


def test_others_may_have_one_and_part_with_it(client: Client, sponsor: User, django_capture_on_commit_callbacks: Any):
    enrol(client, sponsor)
    assert client.get("/projects/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/account/one-time-password/remove/")
    assert not Authenticator.objects.filter(user=sponsor).exists()
    assert "user.one_time_password_removed" in actions()
    other = Client()
    assert sign_in(other, sponsor).headers["Location"] == "/"


def test_an_administrator_keeps_theirs(client: Client, boss: User):
    enrol(client, boss)
    page = client.post("/account/one-time-password/remove/")
    assert "Administrators need a one-time password" in page.content.decode()
    assert Authenticator.objects.filter(user=boss, type="totp").exists()


def test_sensitive_pages_ask_again_who_it_is(signed_in: Callable[[User], Client], sponsor: User):
    client = signed_in(sponsor)  # no password typed in this session
    asked = client.get(ENROL).headers["Location"]
    assert asked == f"/account/confirm/?next={ENROL.replace('/', '%2F')}"
    assert "This is not your password" in client.post(asked, {"password": "a guess"}).content.decode()
    assert client.post(asked, {"password": PASSWORD}).headers["Location"] == ENROL
    assert client.get(ENROL).status_code == 200


def test_new_recovery_codes_replace_the_old(client: Client, sponsor: User, django_capture_on_commit_callbacks: Any):
    old = enrol(client, sponsor)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/account/recovery-codes/new/", follow=True)
    new = re.findall(r"<li><code>(\d{8})</code></li>", answer.content.decode())
    assert len(new) == 10
    assert not set(new) & set(old)
    assert "user.recovery_codes_renewed" in actions()


def test_the_secret_lies_encrypted(client: Client, sponsor: User, settings: Settings):
    enrol(client, sponsor)
    kept = Authenticator.objects.get(user=sponsor, type="totp").data["secret"]
    secret = decrypt(kept)
    assert re.fullmatch(r"[A-Z2-7]{32}", secret)
    assert secret not in kept
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key of this installation"
    assert decrypt(kept) == secret
    assert decrypt(encrypt("x")) == "x"


def test_a_lost_phone(client: Client, signed_in: Callable[[User], Client], admin: User, sponsor: User):
    enrol(client, sponsor)
    data = {"action": "forget_one_time_password", "_selected_action": [sponsor.pk]}
    signed_in(admin).post("/admin/accounts/user/", data)
    assert client.get("/projects/").headers["Location"].startswith("/sign-in/")  # signed out everywhere
    assert sign_in(client, sponsor).headers["Location"] == "/"
    with pytest.raises(Forbidden):
        forget_one_time_password(by=sponsor, user=admin)


def test_the_last_administrators_lost_phone(admin: User):
    out = StringIO()
    call_command("forget_one_time_password", "ADA@house.example", stdout=out)
    assert "is taken off" in out.getvalue()
    assert not Authenticator.objects.filter(user=admin).exists()
    with pytest.raises(CommandError, match="Nobody has the e-mail"):
        call_command("forget_one_time_password", "nobody@house.example")


def test_the_admin_shows_no_secrets(signed_in: Callable[[User], Client], admin: User):
    client = signed_in(admin)
    for table in ("mfa/authenticator", "account/emailaddress", "usersessions/usersession", "axes/accessattempt"):
        assert client.get(f"/admin/{table}/").status_code == 404
    kept = Authenticator.objects.get(user=admin).data["secret"]
    assert kept not in client.get(f"/admin/accounts/user/{admin.pk}/change/").content.decode()
