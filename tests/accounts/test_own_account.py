"""What people do with their own account: password, e-mail, sessions."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from accounts.models import AuditEntry, User
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "another long password of mine"


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post("/sign-in/", {"login": email, "password": password})


def link(path: str) -> str:
    found = re.search(rf"http://testserver({path}\S+)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found[1]


def is_in(client: Client) -> bool:
    return client.get("/account/security/").status_code == 200


def actions() -> list[str]:
    return [entry.action for entry in AuditEntry.objects.order_by("sequence")]


def test_a_forgotten_password(client: Client, sponsor: User):
    elsewhere = Client()
    sign_in(elsewhere, sponsor.email)
    assert (
        client.post("/password/forgotten/", {"email": "SOFIA@sponsor.example"}).headers["Location"] == "/password/sent/"
    )
    url = link("/password/new/")
    form = client.get(url, follow=True)
    assert "sofia" not in form.request["PATH_INFO"]
    here = form.request["PATH_INFO"]
    assert "same password" in client.post(here, {"password1": NEW, "password2": "else"}).content.decode()
    assert client.post(here, {"password1": NEW, "password2": NEW}).headers["Location"] == "/password/done/"
    assert not is_in(elsewhere)
    assert "no longer works" in client.get(url, follow=True).content.decode()
    assert sign_in(client, sponsor.email).status_code == 200
    assert sign_in(client, sponsor.email, NEW).headers["Location"] == "/"
    assert mail.outbox[-1].subject == "Your password was changed"
    assert "user.password_reset" in actions()


def test_a_forgotten_password_of_nobody_answers_the_same(client: Client, sponsor: User):
    answer = client.post("/password/forgotten/", {"email": "nobody@x.example"})
    assert answer.headers["Location"] == "/password/sent/"
    assert not mail.outbox


@pytest.mark.parametrize("key", ["1-nonsense", "zzzz-set-password", "0-" + "x" * 500, "1-%00"])
def test_forged_links_open_nothing(client: Client, sponsor: User, key: str):
    answer = client.get(f"/password/new/{key}/", follow=True)
    assert answer.status_code in {200, 404}
    assert "Set this password" not in answer.content.decode()


def test_a_changed_password_ends_the_other_sessions(client: Client, sponsor: User):
    elsewhere = Client()
    sign_in(elsewhere, sponsor.email)
    sign_in(client, sponsor.email)
    form = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    assert "not your present password" in client.post("/account/password/", form).content.decode()
    answer = client.post("/account/password/", {**form, "oldpassword": PASSWORD})
    assert answer.headers["Location"] == "/account/security/"
    assert is_in(client)
    assert not is_in(elsewhere)
    assert mail.outbox[-1].subject == "Your password was changed"
    assert "127.0.0.1" in mail.outbox[-1].body
    assert "user.password_changed" in actions()


def test_a_changed_email(client: Client, sponsor: User):
    sign_in(client, sponsor.email)
    answer = client.post("/account/email/", {"action_add": "1", "email": "sofia@new.example"}, follow=True)
    assert "sofia@new.example waits to be confirmed" in answer.content.decode()
    sponsor.refresh_from_db()
    assert sponsor.email == "sofia@sponsor.example"
    assert mail.outbox[-1].to == ["sofia@new.example"]
    client.post(link("/confirm-email/"))
    sponsor.refresh_from_db()
    assert sponsor.email == "sofia@new.example"
    assert list(EmailAddress.objects.filter(user=sponsor).values_list("email", "verified")) == [(sponsor.email, True)]
    assert mail.outbox[-1].to == ["sofia@sponsor.example"]  # the old mailbox is told
    assert sign_in(Client(), "sofia@new.example").headers["Location"] == "/"
    assert sign_in(Client(), "sofia@sponsor.example").status_code == 200
    entry = AuditEntry.objects.get(action="user.email_changed")
    assert (entry.before, entry.after) == ({"email": "sofia@sponsor.example"}, {"email": "sofia@new.example"})


def test_a_change_of_email_asks_again_who_it_is(sponsor: User):
    client = Client()
    client.force_login(sponsor)
    answer = client.post("/account/email/", {"action_add": "1", "email": "sofia@new.example"})
    assert answer.headers["Location"].startswith("/account/confirm/")
    client.post(answer.headers["Location"], {"password": PASSWORD})
    assert EmailAddress.objects.filter(email="sofia@new.example").exists()


def test_an_email_somebody_took_meanwhile(client: Client, sponsor: User):
    sign_in(client, sponsor.email)
    client.post("/account/email/", {"action_add": "1", "email": "wanted@x.example"})
    url = link("/confirm-email/")
    User.objects.create(email="wanted@x.example", full_name="Wanda")
    answer = client.post(url, follow=True)
    assert "belongs to another account" in answer.content.decode()
    sponsor.refresh_from_db()
    assert sponsor.email == "sofia@sponsor.example"


def test_a_change_of_email_called_off(client: Client, sponsor: User):
    sign_in(client, sponsor.email)
    client.post("/account/email/", {"action_add": "1", "email": "sofia@new.example"})
    client.post("/account/email/", {"action_remove": "1", "email": "sofia@new.example"})
    assert not EmailAddress.objects.filter(email="sofia@new.example").exists()
    client.post("/account/email/", {"action_remove": "1", "email": sponsor.email})
    assert EmailAddress.objects.get(user=sponsor).email == sponsor.email


def test_sessions_are_listed_and_end_everywhere_else(client: Client, sponsor: User):
    elsewhere = Client(headers={"User-Agent": "A browser <b>elsewhere</b>"})
    sign_in(elsewhere, sponsor.email)
    sign_in(client, sponsor.email)
    page = client.get("/account/sessions/").content.decode()
    assert "A browser &lt;b&gt;elsewhere&lt;/b&gt;" in page
    assert page.count("This one") == 1
    client.post("/account/sessions/")
    assert is_in(client)
    assert not is_in(elsewhere)
    assert AuditEntry.objects.get(action="user.sessions_ended").after == {"sessions": 1}


def test_a_closed_account_is_told_so(client: Client, sponsor: User):
    User.objects.update(is_active=False)
    assert sign_in(client, sponsor.email).headers["Location"] == "/register/closed/"
    assert "closed" in client.get("/register/closed/").content.decode()


def test_the_next_page_is_one_of_ours(client: Client, sponsor: User):
    answer = client.post(
        "/sign-in/?next=/projects/", {"login": sponsor.email, "password": PASSWORD, "next": "/projects/"}
    )
    assert answer.headers["Location"] == "/projects/"
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        data = {"login": sponsor.email, "password": PASSWORD, "next": elsewhere}
        assert Client().post("/sign-in/", data).headers["Location"] == "/"


def test_pages_before_the_sign_in_keep_to_the_policy(client: Client):
    for url in ("/sign-in/", "/register/", "/register/sent/", "/register/waiting/", "/password/forgotten/"):
        page = client.get(url).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style[ >]|\son\w+=", page)
        assert re.search(r"<title>[^<]+ · Atlas Nexus</title>", page)
        assert page.count("<h1") == 1


def test_one_device_is_signed_out_and_the_others_stay(client: Client, sponsor: User, admin: User):
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    one, two = Client(headers={"User-Agent": firefox}), Client()
    for each in (one, two, client):
        sign_in(each, sponsor.email)
    page = client.get("/account/sessions/").content.decode()
    assert "Firefox on Windows" in page
    number = UserSession.objects.get(user=sponsor, user_agent=firefox).pk
    assert Client().post(f"/account/sessions/{number}/end/").headers["Location"].startswith("/sign-in/")
    client.post(f"/account/sessions/{number}/end/")
    assert [is_in(each) for each in (one, two, client)] == [False, True, True]
    own = UserSession.objects.get(session_key=client.session.session_key).pk
    assert client.post(f"/account/sessions/{own}/end/").status_code == 400
    other = Client()
    other.force_login(admin)
    assert other.post(f"/account/sessions/{own}/end/").status_code == 404
    assert is_in(client)


def test_steps_of_the_way_in_are_told_apart_in_words(client: Client):
    page = client.get("/register/waiting/").content.decode()
    for words in ("Register: done", "Confirm your e-mail: done", "An administrator decides: waiting"):
        assert words in page
