"""Personal data end with age: of each kind what is too old goes, what is younger or still in use stays."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings as configured
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken, AuditEntry, Invitation, Organisation, User
from accounts.services import issue_token, purge_personal_data
from accounts.verification import verify
from api.models import Delivery, DeliveryState, Webhook
from atlasnexus.retention import purge_due
from lib import personal
from notifications.models import Notification
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def _tried(model: type[Model]) -> Callable[[User], Model]:
    told = {"failures_since_start": 1} if model is AccessAttempt else {}
    return lambda user: model._default_manager.create(
        username=user.email, ip_address=f"203.0.113.{model._default_manager.count()}", user_agent="A browser", **told
    )


def _token(user: User) -> Model:
    token, _ = issue_token(by=user, name=f"Nightly {ApiToken.objects.count()}", scopes=["read"], days=3)
    return token


def _registration(_: User) -> Model:
    return User.objects.create_user(f"waits{User.objects.count()}@gone.example", None, full_name="Wanda Waits")


def _invitation(user: User) -> Model:
    organisation = Organisation.objects.create(name="Sponsor and Sons")
    return Invitation.objects.create(organisation=organisation, email="ann@gone.example", invited_by=user)


def _delivery(user: User) -> Model:
    webhook, _ = Webhook.objects.get_or_create(owner=user, url="https://hooks.house.example/x")
    return Delivery.objects.create(webhook=webhook, kind="run_done", body={}, state=DeliveryState.DELIVERED)


ROWS: dict[str, Callable[[User], Model]] = {
    "axes.AccessAttempt": _tried(AccessAttempt),
    "axes.AccessFailureLog": _tried(AccessFailureLog),
    "axes.AccessLog": _tried(AccessLog),
    "sessions.Session": lambda _: Session.objects.create(
        session_key=f"k{Session.objects.count()}", session_data="", expire_date=timezone.now()
    ),
    "usersessions.UserSession": lambda user: UserSession.objects.create(
        user=user, ip="203.0.113.9", user_agent="A browser", session_key=f"gone{UserSession.objects.count()}"
    ),
    "accounts.ApiToken": _token,
    "accounts.User": _registration,
    "accounts.Invitation": _invitation,
    "admin.LogEntry": lambda user: LogEntry.objects.create(user=user, action_flag=2, object_repr=user.full_name),
    "notifications.Notification": lambda user: Notification.objects.create(person=user, kind="run_done", title="Done"),
    "api.Delivery": _delivery,
}


def aged(row: Model, since: str, days: float) -> Model:
    type(row)._base_manager.filter(pk=row.pk).update(**{since: timezone.now() - timedelta(days=days)})
    return row


def test_every_kind_is_tried_here():
    assert set(personal.ageing()) == set(ROWS)


@pytest.mark.parametrize("label", ROWS)
def test_what_is_too_old_goes_and_what_is_younger_stays(label: str, sponsor: User):
    each, days = personal.ageing()[label], configured.ATLASNEXUS_KEPT_DAYS[personal.ageing()[label].kind]
    old = aged(ROWS[label](sponsor), each.since, days + 0.1)
    young = aged(ROWS[label](sponsor), each.since, days - 0.1)
    assert purge_personal_data() == {label: 1}
    assert list(each.too_old()) == []
    assert type(young)._base_manager.filter(pk=young.pk).exists()
    if isinstance(old, User):
        assert User.objects.get(pk=old.pk).is_erased
        assert not User.objects.get(pk=young.pk).is_erased
    else:
        assert not type(old)._base_manager.filter(pk=old.pk).exists()
    entry = AuditEntry.objects.latest("sequence")
    assert (entry.action, entry.actor, entry.after) == ("personal_data.purged", None, {label: 1})
    assert verify().fault is None


def test_what_is_in_use_stays_however_old(sponsor: User, client: Client):
    client.post("/sign-in/", {"login": sponsor.email, "password": PASSWORD})
    session = UserSession.objects.get(user=sponsor)
    waiting = _delivery(sponsor)
    Delivery.objects.update(state=DeliveryState.WAITING)
    for row, since in ((session, "last_seen_at"), (waiting, "created_at"), (sponsor, "date_joined")):
        aged(row, since, 4_000)
    assert purge_personal_data() == {}
    assert client.get(reverse("account-security")).status_code == 200
    assert not AuditEntry.objects.filter(action="personal_data.purged").exists()


def test_nothing_goes_of_a_kind_that_is_kept_for_good(sponsor: User, settings: Any):
    settings.ATLASNEXUS_KEPT_DAYS = dict.fromkeys(configured.ATLASNEXUS_KEPT_DAYS, 0)
    row = aged(ROWS["notifications.Notification"](sponsor), "created_at", 4_000)
    assert purge_personal_data() == {}
    assert Notification.objects.filter(pk=row.pk).exists()


def test_many_go_in_parts(sponsor: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(personal, "AT_ONCE", 2)
    for _ in range(5):
        aged(ROWS["notifications.Notification"](sponsor), "created_at", 400)
    assert purge_personal_data() == {"notifications.Notification": 5}


def test_the_command_says_what_would_go_and_takes_it(sponsor: User):
    aged(ROWS["notifications.Notification"](sponsor), "created_at", 400)

    def said(*words: str) -> list[str]:
        out = StringIO()
        call_command("purge_personal_data", *words, stdout=out)
        return [line.strip() for line in out.getvalue().splitlines()]

    line = "1 notifications.Notification, kept 365 days after created_at"
    assert line in said("--dry-run")
    assert Notification.objects.count() == 1
    assert line in said()
    assert Notification.objects.count() == 0
    assert f"0{line[1:]}" in said()


def test_the_watcher_does_so_once_a_day(sponsor: User):
    cache.clear()
    for expected in (1, 0):
        aged(ROWS["notifications.Notification"](sponsor), "created_at", 400)
        assert purge_due() == expected


def test_the_trail_shows_no_old_address_and_keeps_it(sponsor: User, client: Client, admin: User):
    client.post("/sign-in/", {"login": sponsor.email, "password": "wrong"}, REMOTE_ADDR="203.0.113.5")
    entry = AuditEntry.objects.latest("sequence")
    assert AuditEntry.shown.get(pk=entry.pk).address == "203.0.113.5"
    later = timezone.now() + timedelta(days=731)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(timezone, "now", lambda: later)
        shown = AuditEntry.shown.get(pk=entry.pk)
    assert (shown.address, shown.agent, shown.is_masked) == (None, "", True)
    assert AuditEntry.objects.get(pk=entry.pk).address == "203.0.113.5"
    assert verify().fault is None


@pytest.mark.parametrize("page", ["operations", "privacy"])
def test_every_period_is_told(page: str):
    told = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    for kind, days in configured.ATLASNEXUS_KEPT_DAYS.items():
        [line] = [line for line in told.splitlines() if f"`ATLASNEXUS_{kind}_DAYS`" in line][:1]
        assert re.search(rf"\b{days}\b", line), line
