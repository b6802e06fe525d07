"""Who guesses waits: by account, by address, and with a page that says until when."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.addresses import client_address
from accounts.models import AuditEntry, User
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db


WRONG = "a wrong guess"


def guess(email: str, address: str = "192.0.2.7", password: str = WRONG) -> Any:
    return Client(REMOTE_ADDR=address).post("/sign-in/", {"login": email, "password": password})


def actions() -> list[str]:
    return [entry.action for entry in AuditEntry.objects.order_by("sequence")]


def test_an_account_is_shut_to_an_address_after_five(sponsor: User):
    answers = [guess(sponsor.email) for n in range(5)]
    assert [each.status_code for each in answers] == [200] * 4 + [429]
    page = guess(sponsor.email, password=PASSWORD)
    assert page.status_code == 429
    assert "Try again after" in page.content.decode()
    assert 0 < int(page.headers["Retry-After"]) <= 15 * 60
    assert actions() == ["user.sign_in_failed"] * 5 + ["user.locked_out"]
    failed = AuditEntry.objects.filter(action="user.sign_in_failed").first()
    assert failed
    assert (failed.actor, failed.target_code) == (None, sponsor.code)
    assert "a wrong guess" not in str(AuditEntry.objects.values())
    assert "a wrong guess" not in str(AccessAttempt.objects.values())


def test_an_address_is_shut_after_twenty(sponsor: User, internal: User):
    answers = [guess(f"nobody-{n}@x.example") for n in range(20)]
    assert [each.status_code for each in answers] == [200] * 19 + [429]
    assert guess(sponsor.email, password=PASSWORD).status_code == 429
    assert guess(internal.email, "198.51.100.1", PASSWORD).headers["Location"] == "/"


def test_who_guesses_elsewhere_keeps_nobody_out(sponsor: User):
    for _ in range(6):
        guess(sponsor.email)
    assert guess(sponsor.email, "198.51.100.1", PASSWORD).headers["Location"] == "/"


def test_an_account_is_shut_to_everybody_after_a_hundred_from_anywhere(sponsor: User):
    answers = [guess(sponsor.email, f"192.0.2.{n // 4}").status_code for n in range(100)]
    assert answers == [200] * 99 + [429]
    assert guess(sponsor.email, "198.51.100.1", PASSWORD).status_code == 429


def test_an_unknown_email_is_shut_like_a_known_one(sponsor: User):
    known = [guess(sponsor.email).status_code for _ in range(6)]
    unknown = [guess("nobody@x.example", "198.51.100.1").status_code for _ in range(6)]
    assert known == unknown == [200] * 4 + [429] * 2


def test_the_doors_open_again(sponsor: User):
    for _ in range(6):
        guess(sponsor.email)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert guess(sponsor.email, password=PASSWORD).headers["Location"] == "/"


def test_trying_on_does_not_keep_an_account_shut(sponsor: User):
    for _ in range(5):
        guess(sponsor.email)
    before = list(AccessAttempt.objects.values_list("attempt_time", "failures_since_start"))
    guess(sponsor.email)
    assert list(AccessAttempt.objects.values_list("attempt_time", "failures_since_start")) == before


def test_a_success_clears_the_account_and_not_the_address(sponsor: User, internal: User):
    for n in range(12):
        guess(f"nobody-{n}@x.example")
    guess(sponsor.email)
    guess(sponsor.email, password=PASSWORD)
    assert not AccessAttempt.objects.filter(username=sponsor.email).exists()
    assert AccessAttempt.objects.count() == 12


def test_an_administrator_lifts_a_lock_out(signed_in: Callable[[User], Client], admin: User, sponsor: User):
    for _ in range(5):
        guess(sponsor.email)
    data = {"action": "lift_lock_out", "_selected_action": [sponsor.pk]}
    signed_in(admin).post("/admin/accounts/user/", data)
    assert guess(sponsor.email, password=PASSWORD).headers["Location"] == "/"
    assert "user.lock_out_lifted" in actions()


def test_guesses_at_the_confirmation_count_too(signed_in: Callable[[User], Client], sponsor: User):
    client = signed_in(sponsor)
    answers = [client.post("/account/confirm/", {"password": "a wrong guess"}).status_code for _ in range(5)]
    assert answers == [200] * 4 + [429]


def test_too_many_registrations_from_one_address(client: Client):
    answers = [client.post("/register/", {"email": "x"}).status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]


@pytest.mark.parametrize(
    ("forwarded", "is_behind", "address"),
    [
        ("", False, "192.0.2.7"),
        ("203.0.113.5", False, "192.0.2.7"),
        ("203.0.113.5", True, "203.0.113.5"),
        ("10.0.0.1, 203.0.113.5", True, "203.0.113.5"),
        ("203.0.113.5:4711", True, "203.0.113.5"),
        ("[2001:db8::1]:4711", True, "2001:db8::1"),
        ("2001:db8::1", True, "2001:db8::1"),
        ("nonsense", True, "192.0.2.7"),
        ("", True, "192.0.2.7"),
    ],
)
def test_whose_address_it_was(rf: RequestFactory, settings: Settings, forwarded: str, is_behind: bool, address: str):
    settings.ATLASNEXUS_BEHIND_PROXY = is_behind
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(rf.get("/", headers=headers, REMOTE_ADDR="192.0.2.7")) == address


def test_nobody_shuts_others_out_by_a_forged_header(sponsor: User, settings: Settings):
    settings.ATLASNEXUS_BEHIND_PROXY = True
    for n in range(21):
        forged = f"203.0.113.{n}, 192.0.2.7"
        data = {"login": f"nobody-{n}@x.example", "password": "a wrong guess"}
        last = Client(REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": forged}).post("/sign-in/", data)
    assert last.status_code == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"192.0.2.7"}
