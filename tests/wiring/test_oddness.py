"""Who is refused unusually often is told to administrators, and every refusal is logged with who asked."""

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client

from accounts.models import AuditEntry, Scope, User
from accounts.services import issue_token
from atlasnexus import logs, oddness
from notifications.models import Notification

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _few(settings: Any) -> None:
    cache.clear()
    oddness._own.clear()
    settings.ATLASNEXUS_REFUSALS_AN_HOUR = 20


def told() -> list[str]:
    return list(Notification.objects.filter(kind="refused_often").values_list("person__email", flat=True))


def test_many_refusals_within_an_hour_are_told_to_administrators_once(sponsor: User, admin: User, signed_in: SignedIn):
    client = signed_in(sponsor)
    for _ in range(19):
        client.get("/operations/")
    assert not told()
    for _ in range(31):
        client.get("/operations/")
    assert told() == [admin.email]
    assert AuditEntry.objects.get(action="user.refused_often").target_code == sponsor.code
    assert oddness.ODD._value.get() >= 1


def test_those_of_a_token_count_too(sponsor: User, admin: User, client: Client):
    _, text = issue_token(by=sponsor, name="script", scopes=[Scope.READ], days=1)
    for _ in range(20):
        assert client.get("/api/v1/operations", headers={"Authorization": f"Bearer {text}"}).status_code == 403
    assert told() == [admin.email]


def test_an_ordinary_day_tells_nobody(sponsor: User, admin: User, signed_in: SignedIn):
    client = signed_in(sponsor)
    for _ in range(40):
        client.get("/projects/")
    Client().get("/nowhere/")
    assert not told()


def test_a_database_that_does_not_count_costs_no_answer(
    sponsor: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
):
    def locked(*_: object) -> None:
        raise OperationalError("database is locked")

    client = signed_in(sponsor)
    monkeypatch.setattr(cache, "incr", locked)
    assert {client.get("/operations/").status_code for _ in range(12)} == {404}


def test_every_refusal_is_logged_with_who_asked(sponsor: User, signed_in: SignedIn):
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    formatter = logs.configure("INFO", "json")["formatters"]["lines"]
    handler.setFormatter(formatter["()"](**{name: each for name, each in formatter.items() if name != "()"}))
    logging.getLogger().addHandler(handler)
    logging.getLogger("atlasnexus.middleware").setLevel("INFO")
    try:
        signed_in(sponsor).get("/operations/")
        Client().get("/nowhere/")
    finally:
        logging.getLogger().removeHandler(handler)
    lines = [each for each in map(json.loads, out.getvalue().splitlines()) if each["event"] == "request"]
    assert [(each["status"], each.get("person")) for each in lines] == [(404, str(sponsor.code)), (404, None)]
