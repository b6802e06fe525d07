"""From a stranger to a sponsor: register, confirm, wait, be let in or turned away."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from accounts import signals
from accounts.models import AuditEntry, Role, User
from accounts.services import approve_user, decline_user
from lib.errors import Forbidden, Invalid
from notifications.models import Notification
from notifications.news import ACCOUNT_APPROVED, ACCOUNT_WAITING
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db
EMAIL = "nora@sponsor.example"
FORM = {
    "full_name": "Nora Newcomer",
    "organisation": "Newcomer Parks",
    "email": "Nora@Sponsor.example",
    "password1": PASSWORD,
    "agreed": "on",
    "reason": "We want to finance\na campus.",
}


def register(client: Client, **changed: str) -> Any:
    return client.post("/register/", {**FORM, **changed})


def link(path: str) -> str:
    """The newest letter's link to such a page, as a path."""
    found = re.search(rf"http://testserver({path}\S+)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found[1]


def confirm(client: Client) -> Any:
    return client.post(link("/confirm-email/"))


def sign_in(client: Client, email: str = EMAIL) -> Any:
    return client.post("/sign-in/", {"login": email, "password": PASSWORD})


def told(kind: str) -> list[tuple[str, str]]:
    return [(each.person.email, each.title) for each in Notification.objects.filter(kind=kind)]


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_whole_way_in(client: Client, signed_in: Callable[[User], Client], admin: User):
    assert register(client).headers["Location"] == "/register/sent/"
    assert "Confirm your e-mail" in text(client.get("/register/sent/"))
    nora = User.objects.get(email=EMAIL)
    assert (nora.role, nora.may_sign_in, nora.organisation) == (Role.SPONSOR, False, "Newcomer Parks")
    assert mail.outbox[-1].to == [EMAIL]

    assert sign_in(client).headers["Location"] == "/register/sent/"  # not confirmed yet

    assert EMAIL in text(client.get(link("/confirm-email/")))
    assert confirm(client).headers["Location"] == "/register/waiting/"
    assert "waits for an administrator" in text(client.get("/register/waiting/"))
    assert told(ACCOUNT_WAITING) == [(admin.email, "Nora Newcomer of Newcomer Parks asks for an account")]
    assert sign_in(client).headers["Location"] == "/register/waiting/"
    assert "_auth_user_id" not in client.session

    ada = signed_in(admin)
    waiting = ada.get("/admin/accounts/user/?standing=waiting")
    assert EMAIL in text(waiting)
    assert admin.email not in text(waiting).split("result_list")[1]
    page = ada.get(f"/admin/accounts/user/decide/approve/?person={nora.pk}")
    assert "We want to finance<br>a campus." in text(page)
    ada.post(f"/admin/accounts/user/decide/approve/?person={nora.pk}", {"role": "internal"})
    assert told(ACCOUNT_APPROVED) == [(EMAIL, "Your account is approved")]

    assert sign_in(client).headers["Location"] == "/"
    assert client.get("/projects/").status_code == 200
    assert client.get("/projects/").context["user"].role == Role.INTERNAL
    of_nora = AuditEntry.objects.filter(target_code=nora.code).order_by("sequence")
    assert [entry.action for entry in of_nora] == [
        "user.registered",
        "user.email_confirmed",
        "user.approved",
        "user.signed_in",
    ]


def test_turned_away_with_a_reason(
    client: Client, signed_in: Callable[[User], Client], admin: User, django_capture_on_commit_callbacks: Any
):
    register(client)
    confirm(client)
    nora = User.objects.get(email=EMAIL)
    url = f"/admin/accounts/user/decide/decline/?person={nora.pk}"
    ada = signed_in(admin)
    assert "This field is required" in text(ada.post(url, {"reason": "  "}))
    with django_capture_on_commit_callbacks(execute=True):
        ada.post(url, {"reason": "We do not know you.\nhttps://no.example"})
    letter = mail.outbox[-1]
    assert (letter.to, letter.subject) == ([EMAIL], "Your account was not approved")
    assert "We do not know you. https://no.example" in letter.body
    assert sign_in(client).headers["Location"] == "/register/declined/"
    assert "not approved" in text(client.get("/register/declined/"))
    assert "standing=declined" in text(ada.get("/admin/accounts/user/"))
    assert EMAIL in text(ada.get("/admin/accounts/user/?standing=declined"))
    assert EMAIL not in text(ada.get("/admin/accounts/user/?standing=waiting")).split("result_list")[-1]

    approve_user(by=admin, user=nora)
    assert sign_in(client).headers["Location"] == "/"


def test_nobody_unconfirmed_is_approved(client: Client, signed_in: Callable[[User], Client], admin: User):
    register(client)
    nora = User.objects.get(email=EMAIL)
    ada = signed_in(admin)
    answer = ada.post(f"/admin/accounts/user/decide/approve/?person={nora.pk}", {"role": "sponsor"}, follow=True)
    assert "has not been confirmed yet" in text(answer)
    with pytest.raises(Invalid, match="not been confirmed"):
        approve_user(by=admin, user=nora)
    nora.refresh_from_db()
    assert not nora.is_approved


def test_several_are_decided_about_at_once(client: Client, signed_in: Callable[[User], Client], admin: User):
    people = [User.objects.create_user(f"{n}@x.example", PASSWORD, full_name=f"N {n}") for n in range(3)]
    data = {"action": "decline", "_selected_action": [each.pk for each in people]}
    ada = signed_in(admin)
    asked = ada.post("/admin/accounts/user/", data)
    ada.post(asked.headers["Location"], {"reason": "A test."})
    assert [each.is_declined for each in User.objects.filter(email__endswith="@x.example")] == [True] * 3


def test_only_administrators_decide(sponsor: User, internal: User):
    nora = User.objects.create_user(EMAIL, PASSWORD, full_name="Nora")
    for by in (sponsor, internal, nora):
        with pytest.raises(Forbidden):
            decline_user(by=by, user=nora, reason="No.")


def test_who_is_in_is_not_declined(admin: User, sponsor: User):
    with pytest.raises(Invalid, match="approved already"):
        decline_user(by=admin, user=sponsor, reason="No.")


def test_signals_tell_of_each_step(client: Client, admin: User):
    heard: list[tuple[str, User]] = []
    for name in ("registered", "approved", "declined"):
        signal = getattr(signals, name)
        signal.connect(lambda name=name, user=None, **_: heard.append((name, user)), weak=False, dispatch_uid=name)
    try:
        register(client)
        confirm(client)
        nora = User.objects.get(email=EMAIL)
        decline_user(by=admin, user=nora, reason="No.")
        approve_user(by=admin, user=nora)
    finally:
        for name in ("registered", "approved", "declined"):
            getattr(signals, name).disconnect(dispatch_uid=name)
    assert heard == [("registered", nora), ("declined", nora), ("approved", nora)]


def test_a_taken_email_answers_like_a_free_one(client: Client, sponsor: User):
    free, taken = register(Client()), register(client, email=sponsor.email)
    assert free.headers["Location"] == taken.headers["Location"]
    assert client.get("/register/sent/").status_code == 200
    assert User.objects.filter(email=sponsor.email).count() == 1
    assert mail.outbox[-1].subject == "You have an account already"
    assert mail.outbox[-1].to == [sponsor.email]


def test_a_taken_email_costs_a_password_too(sponsor: User, monkeypatch: pytest.MonkeyPatch):
    """Hashing is nearly all of an answer's time: skipped, it would tell who has an account."""
    hashed: list[str] = []
    plain = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return plain(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    register(Client())
    of_free = len(hashed)
    register(Client(), email=sponsor.email)
    assert len(hashed) == 2 * of_free > 0


def test_a_link_works_once(client: Client):
    register(client)
    url = link("/confirm-email/")
    confirm(client)
    assert "was used before" in text(client.get(url))
    assert client.post(url).status_code == 404
    assert EmailAddress.objects.get(email=EMAIL).verified


def test_letters_come_as_text_and_html(client: Client):
    register(client)
    letter = mail.outbox[-1]
    assert isinstance(letter, EmailMultiAlternatives)
    html = str(letter.alternatives[0][0])
    assert "<script" not in html
    assert str(letter.subject) in html
    assert re.search(r'<a href="http://testserver/confirm-email/[^"]+"', html)
    assert "Nora" not in html + str(letter.body)  # whoever owns the mailbox is not to be told a stranger's words


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", ""),
        ("full_name", "x" * 201),
        ("full_name", "Ann\r\nBcc: all@x.example"),
        ("full_name", "\N{RIGHT-TO-LEFT OVERRIDE}Ann"),
        ("organisation", "a\x00b"),
        ("email", "nobody"),
        ("email", "a@b.example\r\nBcc: c@d.example"),
        ("email", f"{'a' * 250}@b.example"),
        ("password1", "short"),
        ("password1", "123456789012345"),
        ("password1", EMAIL),
        ("reason", ""),
        ("reason", "x" * 1001),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(client: Client, field: str, value: str):
    response = register(client, **{field: value})
    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {field}
    assert not User.objects.exists()
    assert not mail.outbox


def test_what_a_stranger_writes_is_only_text(client: Client, signed_in: Callable[[User], Client], admin: User):
    register(client, full_name="<script>alert(1)</script>", reason="<img src=x onerror=alert(1)>")
    confirm(client)
    nora = User.objects.get(email=EMAIL)
    for url in ("/admin/accounts/user/", f"/admin/accounts/user/decide/approve/?person={nora.pk}", "/notifications/"):
        page = text(signed_in(admin).get(url))
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_stranger_chooses_no_rights(client: Client):
    register(client, role="admin", is_approved="on", is_staff="on")
    nora = User.objects.get(email=EMAIL)
    assert (nora.role, nora.is_approved) == (Role.SPONSOR, False)


@pytest.mark.parametrize("url", ["approve/?person=x", "approve/?person=99999999999999999999", "approve/", "promote/"])
def test_decisions_about_nobody(signed_in: Callable[[User], Client], admin: User, url: str):
    response = signed_in(admin).post(f"/admin/accounts/user/decide/{url}", {"role": "admin"})
    assert response.status_code in {302, 404}


def test_an_unknown_role_is_no_role(signed_in: Callable[[User], Client], admin: User):
    nora = User.objects.create_user(EMAIL, PASSWORD, full_name="Nora")
    signed_in(admin).post(f"/admin/accounts/user/decide/approve/?person={nora.pk}", {"role": "owner"})
    nora.refresh_from_db()
    assert not nora.is_approved
