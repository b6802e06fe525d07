"""What is held of people: every model that names one says so, and gives it out to whoever it is about."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from accounts.own_data import archive_of
from accounts.services import issue_token
from lib import personal
from notifications.services import notify
from projects.services import create_project, create_series
from tables.services.save_view import save_view
from tests.api.cast import Program
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
# Fields that name a person beside those by which the rows are somebody's.
EXCUSED = {"accounts.ApiToken.revoked_by": "whose token it was is asked; who revoked it is on the trail"}


@pytest.fixture(autouse=True)
def _no_pause() -> None:
    cache.clear()


def opened(content: bytes) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    return {name: archive.read(name) for name in archive.namelist()}


def held_of(person: User) -> dict[str, bytes]:
    file, _ = archive_of(person)
    with file:
        return opened(file.read())


def rows(files: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    """The rows of a kind; the CSV has as many."""
    found: list[dict[str, Any]] = json.loads(files[f"{name}.json"])
    lines = list(csv.reader(io.StringIO(files[f"{name}.csv"].decode())))
    assert len(lines) == len(found) + 1
    return found


def test_every_model_that_names_a_person_says_what_it_holds():
    held = {(holding.model, name) for holding in personal.holdings() for name in holding.by}
    named = [(model, name) for model in apps.get_models() for name in personal.names_of_people(model)]
    assert len(named) > 50
    assert {f"{model._meta.label}.{name}" for model, name in named if (model, name) not in held} == set(EXCUSED)


def test_nothing_that_opens_an_account_is_given_out():
    given = {f"{holding.name}.{field}" for holding in personal.holdings() for field in holding.fields}
    assert not [
        each for each in given if re.search(r"secret|password|token_hash|session_key|authenticator\.data", each)
    ]


def test_own_data_are_ones_own(sponsor: User, other_sponsor: User):
    project = create_project(by=sponsor, title="=Quay", inputs={})
    create_project(by=other_sponsor, title="Not hers", inputs={})
    create_series(by=sponsor, title="North")
    save_view(by=sponsor, kind="results", name="Mine", address="sort=rank")
    notify(to=[sponsor, other_sponsor], kind="run_done", title="Done", body="Ready")
    token, text = issue_token(by=sponsor, name="Nightly", scopes=["read"], days=3)
    files = held_of(sponsor)
    assert [row["title"] for row in rows(files, "projects_project")] == ["=Quay"]
    assert "'=Quay" in files["projects_project.csv"].decode()
    assert rows(files, "projects_project")[0]["named_in"] == "owner"
    assert rows(files, "accounts_user")[0]["email"] == sponsor.email
    assert [row["name"] for row in rows(files, "accounts_apitoken")] == ["Nightly"]
    assert len(rows(files, "notifications_notification")) == len(rows(files, "tables_savedview")) == 1
    acted = {row["action"] for row in rows(files, "accounts_auditentry")}
    assert {"project.created", "series.created", "api_token.issued"} <= acted
    assert "projects_series: 1" in files["README.txt"].decode()
    everything = b"".join(files.values()).decode()
    assert str(project.code) in everything
    for secret in (text, token.token_hash, sponsor.password, "Not hers", other_sponsor.email):
        assert secret not in everything


def test_what_others_did_to_ones_account_is_told_without_who(sponsor: User, admin: User, signed_in: SignedIn):
    client = signed_in(admin)
    page = reverse("admin:accounts_user_changelist")
    client.post(page, {"action": "end_sessions", "_selected_action": [sponsor.pk]}, REMOTE_ADDR="203.0.113.77")
    files = held_of(sponsor)
    [line] = [row for row in rows(files, "accounts_auditentry_about_you") if row["action"] == "user.sessions_ended"]
    assert line["after"] == {"sessions": 0}
    everything = b"".join(files.values()).decode()
    assert admin.email not in everything
    assert "203.0.113.77" not in everything


def test_the_page_asks_who_it_is_and_hands_out_the_file_once_a_minute(client: Client, sponsor: User):
    client.force_login(sponsor)
    assert "Take my data away" in client.get(reverse("account-data")).content.decode()
    asked = client.post(reverse("account-data"))
    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    answer: Any = client.post(reverse("account-data"))
    assert re.search(r'filename="atlas-nexus-own-data-\d{8}\.zip"', answer.headers["Content-Disposition"])
    assert "README.txt" in opened(b"".join(answer.streaming_content))
    [entry] = AuditEntry.objects.filter(action="user.data_exported")
    assert (entry.actor, entry.target_code) == (sponsor, sponsor.code)
    assert "ask again in a minute" in client.post(reverse("account-data"), follow=True).content.decode()
    assert AuditEntry.objects.filter(action="user.data_exported").count() == 1


def test_a_program_takes_its_owners_data(sponsor: User):
    program = Program(sponsor, ["read"])
    answer = program.get("me/data")
    assert answer.headers["Content-Type"] == "application/zip"
    assert rows(opened(b"".join(answer.streaming_content)), "accounts_user")[0]["email"] == sponsor.email
    assert program.get("me/data").status_code == 422
