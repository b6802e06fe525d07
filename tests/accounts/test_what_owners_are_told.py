"""What the owner of an account is told, asked and spared: by letter, at the registration, in the browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import privacy
from accounts.audit_pages.search import Search
from accounts.models import AuditEntry, User
from accounts.services import forget_one_time_password
from tests.conftest import one_time_code
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User], Client]
NEW = "four quite unusual words"


@pytest.fixture
def commits(django_capture_on_commit_callbacks: Any) -> Any:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_a_factor_taken_off_by_an_administrator_is_told_to_its_owner(admin: User, second_admin: User, commits: Any):
    with commits():
        forget_one_time_password(by=admin, user=second_admin)
    (letter,) = mail.outbox
    assert letter.to == [second_admin.email]
    assert "one-time password, passkeys and recovery codes were taken off" in str(letter.body)


def test_an_email_changed_by_an_administrator_is_told_at_both(
    admin: User, sponsor: User, signed_in: SignedIn, commits: Any
):
    before = sponsor.email
    form = {"email": "sofia@new.example", "full_name": "Sofia", "role": "sponsor", "is_active": "on"}
    with commits():
        answer = signed_in(admin).post(f"/admin/accounts/user/{sponsor.pk}/change/", form)
    assert answer.status_code == 302
    assert [letter.to for letter in mail.outbox] == [sorted([before, "sofia@new.example"])]


def test_a_code_used_twice_is_told_to_its_owner_once(admin: User, commits: Any):
    cache.clear()
    code = one_time_code(admin)
    with commits():
        for _ in range(3):
            client = Client()
            client.post("/sign-in/", {"login": admin.email, "password": PASSWORD})
            client.post("/sign-in/code/", {"code": code})
    told = [letter for letter in mail.outbox if "was used twice" in letter.subject]
    assert [letter.to for letter in told] == [[admin.email]]
    assert "from 127.0.0.1" in str(told[0].body)
    assert AuditEntry.objects.filter(action="user.code_refused", target_code=admin.code).count() == 2


def test_a_used_code_written_otherwise_is_used_too(admin: User, monkeypatch: pytest.MonkeyPatch):
    cache.clear()
    code = one_time_code(admin)
    # The library forgets it after half a minute, while it is right for a minute more.
    monkeypatch.setattr(TOTP, "_mark_code_used", lambda *_: True)
    entered = []
    for written in (code, f"{code[:3]}-{code[3:]}", f"{code[:3]} {code[3:]}"):
        client = Client()
        client.post("/sign-in/", {"login": admin.email, "password": PASSWORD})
        client.post("/sign-in/code/", {"code": written})
        entered.append("_auth_user_id" in client.session)
    assert entered == [True, False, False]


def added(client: Client, commits: Any) -> str:
    """Ann is added; the link of her letter, as a path."""
    with commits():
        form = {"email": "ann@house.example", "full_name": "Ann", "role": "internal", "is_approved": "on"}
        assert client.post("/admin/accounts/user/add/", form).status_code == 302
    found = re.search(r"Choose your password: http://\S+?(/password/new/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_whoever_is_added_chooses_a_password_by_a_link_that_works_once(admin: User, signed_in: SignedIn, commits: Any):
    page = signed_in(admin).get("/admin/accounts/user/add/").content.decode()
    assert 'type="password"' not in page
    path = added(signed_in(admin), commits)
    ann = User.objects.get(email="ann@house.example")
    assert not ann.has_usable_password()
    client = Client()
    form = client.get(path, follow=True)
    answer = client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert answer.headers["Location"] == "/password/done/"
    ann.refresh_from_db()
    assert ann.check_password(NEW)
    assert "no longer works" in Client().get(path, follow=True).content.decode()
    signed = Client()
    signed.post("/sign-in/", {"login": ann.email, "password": NEW})
    assert "_auth_user_id" in signed.session


def test_the_link_ends_and_another_is_sent(admin: User, signed_in: SignedIn, commits: Any, settings: Any):
    path = added(signed_in(admin), commits)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "no longer works" in Client().get(path, follow=True).content.decode()
    del settings.PASSWORD_RESET_TIMEOUT
    ann = User.objects.get(email="ann@house.example")
    with commits():
        data = {"action": "invite", "_selected_action": [ann.pk]}
        signed_in(admin).post("/admin/accounts/user/", data)
    assert mail.outbox[-1].to == [ann.email]
    assert AuditEntry.objects.filter(action="user.invited", actor=admin).exists()


def test_nobody_registers_without_agreeing_and_the_trail_has_to_what(client: Client):
    form = {"full_name": "Nora", "email": "nora@sponsor.example", "password1": PASSWORD, "reason": "A campus."}
    refused = client.post("/register/", form).content.decode()
    assert "register if you agree" in refused
    assert not User.objects.filter(email=form["email"]).exists()
    client.post("/register/", {**form, "agreed": "on"})
    entry = AuditEntry.objects.get(action="user.registered")
    assert (entry.after or {})["agreed_to_statement"] == privacy.STATEMENT_VERSION


def test_the_statement_is_open_to_all_and_has_a_number_for_each_wording(client: Client):
    page = client.get(reverse("account-statement")).content.decode()
    assert "What is kept of you" in page
    assert f"Version {privacy.STATEMENT_VERSION}." in page
    assert privacy.statement_hash() == privacy.STATEMENT_HASH, (
        "Give the new wording the next number, and keep its hash."
    )


def test_signing_out_clears_what_pages_kept(client: Client, signed_in: SignedIn, sponsor: User):
    assert signed_in(sponsor).post("/sign-out/").headers["Clear-Site-Data"] == '"storage"'


def test_who_opened_anothers_account_is_on_the_trail(admin: User, sponsor: User, signed_in: SignedIn):
    client = signed_in(admin)
    client.get(f"/admin/accounts/user/{sponsor.pk}/change/")
    client.get(f"/admin/accounts/user/{admin.pk}/change/")
    entry = AuditEntry.objects.get(action="user.data_read")
    assert (entry.actor, entry.target_code) == (admin, sponsor.code)


def test_the_trails_search_puts_nobody_into_an_address(admin: User, sponsor: User, signed_in: SignedIn):
    client = signed_in(admin)
    asked = {"who": "ada@house.example", "text": "sofia", "action": "user.signed_in"}
    answer = client.post(reverse("audit"), asked)
    address = answer.headers["Location"]
    fragment = client.post(reverse("audit"), asked, headers={"HX-Request": "true"})
    for written in (address, fragment.headers["HX-Push-Url"], fragment.content.decode().split("<tbody")[0]):
        assert "ada" not in written
        assert "sofia" not in written
    assert "action=user.signed_in" in address
    found = client.get(address)
    assert found.context["search"] == Search(**asked)
    assert 'value="ada@house.example"' in found.content.decode()
    assert client.get(f"{reverse('audit')}?sealed=forged").context["search"] == Search()
