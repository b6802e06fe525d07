from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from accounts.audit import record
from accounts.models import AuditEntry, User
from lib.errors import AppendOnlyError

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(sponsor: User) -> AuditEntry:
    return record(by=sponsor, action="project.created", target=sponsor, after={"title": "Campus"})


def test_an_entry_says_who_did_what_to_what(entry: AuditEntry, sponsor: User):
    entry.refresh_from_db()
    assert (entry.actor, entry.actor_label) == (sponsor, "sofia@sponsor.example")
    assert (entry.target_type, entry.target_code) == ("accounts.User", sponsor.code)
    assert (entry.before, entry.after) == (None, {"title": "Campus"})


def test_the_platform_itself_is_an_actor():
    entry = record(by=None, action="run.requeued", target=None)
    assert (entry.actor, entry.actor_label, entry.target_code) == (None, "system", None)


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(action="nothing"),
        lambda entry: AuditEntry.objects.all().delete(),
    ],
    ids=["save", "delete", "update", "delete all"],
)
def test_the_model_refuses_to_change_the_past(entry: AuditEntry, change: Callable[[Model], object]):
    with pytest.raises(AppendOnlyError):
        change(entry)


@pytest.mark.parametrize(
    "statement", ["UPDATE accounts_auditentry SET action = 'nothing'", "DELETE FROM accounts_auditentry"]
)
def test_the_database_refuses_to_change_the_past(entry: AuditEntry, statement: str):
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.get(pk=entry.pk).action == "project.created"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_the_database_refuses_to_empty_the_trail(entry: AuditEntry):
    with connection.cursor() as cursor:
        # Else the entry just written stands in the way, not the trigger.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
            cursor.execute("TRUNCATE accounts_auditentry")


def test_a_person_with_a_trail_cannot_be_deleted(entry: AuditEntry, sponsor: User):
    with pytest.raises(DatabaseError), transaction.atomic():
        sponsor.delete()
