"""The chain of the audit trail: what is written holds together, and whatever is done to it afterwards shows."""

import importlib
import threading
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import RequestFactory

from accounts.audit import record
from accounts.chain import GENESIS, canonical_text, digest
from accounts.models import AuditEntry, User
from accounts.origin import current_origin, origin_middleware
from accounts.services import change_user
from accounts.verification import verify
from tests.triggers import lifted

pytestmark = pytest.mark.django_db
TABLE = "accounts_auditentry"


@pytest.fixture
def trail(sponsor: User) -> list[AuditEntry]:
    """Ten things that Sofia did."""
    return [record(by=sponsor, action="step.taken", target=sponsor, after={"step": n}) for n in range(1, 11)]


def tamper(*statements: str) -> None:
    """What somebody with the database's password can do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Else the entries just written stand in the way of lifting the triggers.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with lifted(connection):
            for statement in statements:
                cursor.execute(statement)


def verdict(*arguments: str) -> tuple[int, str]:
    """Exit code and words of `manage.py verify_audit`."""
    out = StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out, stderr=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_each_entry_holds_the_hash_of_the_one_before(trail: list[AuditEntry]):
    hashes = [GENESIS, *(entry.hash for entry in trail)]
    assert [entry.previous_hash for entry in trail] == hashes[:-1]
    assert [entry.sequence for entry in trail] == list(range(1, 11))
    assert len(set(hashes)) == 11


def test_the_text_that_is_hashed_is_what_the_documentation_says():
    entry = AuditEntry(
        sequence=7,
        at=datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC),
        actor_id=3,
        actor_label="sofia@sponsor.example",
        action="project.edited",
        target_type="projects.Project",
        target_code=uuid.UUID(int=9),
        before=None,
        after={"b": 1, "a": [10**20, 0.5]},
        address="2001:DB8::1",
        agent="Browser",
        request_id="r1",
        previous_hash=GENESIS,
    )
    assert canonical_text(entry) == (
        '{"action":"project.edited","actor":3,"actor_label":"sofia@sponsor.example","address":"2001:db8::1",'
        '"after":{"a":[100000000000000000000,0.5],"b":1},"agent":"Browser","at":"2026-03-01T12:00:00.000005+00:00",'
        f'"before":null,"previous_hash":"{GENESIS}","request_id":"r1","sequence":7,'
        '"target_code":"00000000-0000-0000-0000-000000000009","target_type":"projects.Project"}'
    )


def test_a_sound_trail_verifies_and_names_its_head(trail: list[AuditEntry]):
    code, words = verdict()
    assert code == 0
    assert "10 entries hold together" in words
    assert f"head 10:{trail[-1].hash}" in words


def test_an_empty_trail_is_sound():
    assert verdict() == (0, f"0 entries hold together.\nhead 0:{GENESIS}\n")


def test_values_that_databases_write_differently_hash_the_same(sponsor: User):
    awkward = {
        "floats": [1.0, 1e20, 1e-7, 0.1 + 0.2, -0.0, float("nan"), float("inf"), 1e300],
        "text": ["null \x00 byte", "half \ud800 of a pair", "tab\t", "\N{SNOWMAN}"],
        "others": [Decimal("1.10"), uuid.UUID(int=1), datetime(2026, 1, 1, tzinfo=UTC), True, None, 10**25],
        "": {"nested": {"z": 1, "a": 2}},
    }
    record(by=sponsor, action="odd.values", target=None, before=awkward, after={})
    assert verdict()[0] == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "'2020-01-01 00:00:00+00:00'"),
        ("actor_id", "NULL"),
        ("actor_label", "'otto@other.example'"),
        ("action", "'nothing.done'"),
        ("target_type", "'projects.Project'"),
        ("target_code", "NULL"),
        ("before", """'{"step": 1}'"""),
        ("after", """'{"step": 99}'"""),
        ("address", "'10.0.0.1'"),
        ("agent", "'another'"),
        ("request_id", "'another'"),
        ("previous_hash", f"'{GENESIS}'"),
        ("hash", f"'{'f' * 64}'"),
    ],
)
def test_a_changed_field_shows(trail: list[AuditEntry], column: str, value: str):
    tamper(f"UPDATE {TABLE} SET {column} = {value} WHERE sequence = 5")
    code, words = verdict()
    assert code == 1
    assert "BROKEN at entry 5, changed" in words
    assert "4 entries before it hold together" in words


def test_a_change_with_its_hash_computed_anew_shows_at_the_next_entry(trail: list[AuditEntry]):
    forged = trail[4]
    forged.after = {"step": 99}
    tamper(
        f"""UPDATE {TABLE} SET after = '{{"step": 99}}', hash = '{digest(forged)}' WHERE sequence = 5""",
    )
    code, words = verdict()
    assert code == 1
    assert "BROKEN at entry 5, changed: entry 5 was changed and its hash computed anew" in words


def test_a_removed_entry_shows(trail: list[AuditEntry]):
    tamper(f"DELETE FROM {TABLE} WHERE sequence IN (5, 6)")
    code, words = verdict()
    assert code == 1
    assert "BROKEN at entry 5, removed: entries 5 to 6 are missing" in words


def test_a_removed_entry_shows_though_the_numbers_were_closed_up(trail: list[AuditEntry]):
    tamper(
        f"DELETE FROM {TABLE} WHERE sequence = 5",
        *(f"UPDATE {TABLE} SET sequence = {number - 1} WHERE sequence = {number}" for number in range(6, 11)),
    )
    code, words = verdict()
    assert code == 1
    assert "BROKEN at entry 5, removed" in words
    assert "was written as 6" in words


def test_a_removed_beginning_shows(trail: list[AuditEntry]):
    tamper(f"DELETE FROM {TABLE} WHERE sequence < 4")
    assert "BROKEN at entry 1, removed: entries 1 to 3 are missing" in verdict()[1]


def test_a_removed_end_shows_to_whoever_wrote_the_head_down(trail: list[AuditEntry]):
    head = f"10:{trail[-1].hash}"
    assert verdict("--head", head)[0] == 0
    tamper(f"DELETE FROM {TABLE} WHERE sequence > 8")
    assert verdict()[0] == 0  # what is left is a sound trail
    code, words = verdict("--head", head)
    assert code == 1
    assert "entry 10 is not there" in words
    assert "the trail ends at 8, not at 10" in verdict("--to", "10")[1]


def test_a_trail_written_anew_from_its_beginning_shows_to_whoever_wrote_the_head_down(trail: list[AuditEntry]):
    head, previous = f"10:{trail[-1].hash}", GENESIS
    trail[0].action = "step.forged"
    for entry in trail:
        entry.previous_hash = previous
        previous = digest(entry)
        tamper(
            f"UPDATE {TABLE} SET action = '{entry.action}', previous_hash = '{entry.previous_hash}', "
            f"hash = '{previous}' WHERE sequence = {entry.sequence}"
        )
    assert verdict()[0] == 0
    assert "written down was" in verdict("--head", head)[1]


def test_an_inserted_entry_shows(trail: list[AuditEntry]):
    forged = AuditEntry(sequence=5, at=trail[4].at, actor_label="system", action="forged", previous_hash=trail[3].hash)
    forged.hash = digest(forged)
    tamper(*(f"UPDATE {TABLE} SET sequence = {number + 1} WHERE sequence = {number}" for number in range(10, 4, -1)))
    forged.save()
    code, words = verdict()
    assert code == 1
    assert "BROKEN at entry 5, inserted" in words


def test_swapped_entries_show(trail: list[AuditEntry]):
    tamper(*(f"UPDATE {TABLE} SET sequence = {to} WHERE sequence = {of}" for of, to in ((5, 99), (6, 5), (99, 6))))
    code, words = verdict()
    assert code == 1
    assert "BROKEN at entry 5, reordered: entry 5 was written as number 6" in words


def test_a_part_of_a_trail_can_be_checked(trail: list[AuditEntry]):
    tamper(f"UPDATE {TABLE} SET action = 'nothing' WHERE sequence = 3")
    assert verdict("--from", "5", "--to", "8") == (0, f"4 entries hold together.\nhead 8:{trail[7].hash}\n")
    assert verdict("--to", "2")[0] == 0
    assert verdict("--from", "2", "--to", "4")[0] == 1


@pytest.mark.parametrize("arguments", [("--from", "0"), ("--from", "5", "--to", "4"), ("--head", "nonsense")])
def test_what_cannot_be_checked_is_said(trail: list[AuditEntry], arguments: tuple[str, ...]):
    with pytest.raises(CommandError, match="expected"):
        verdict(*arguments)


def test_the_trail_goes_on_after_a_refused_change(trail: list[AuditEntry], sponsor: User):
    with transaction.atomic():
        record(by=sponsor, action="given.up", target=None)
        transaction.set_rollback(True)
    record(by=sponsor, action="goes.on", target=None)
    assert verify().head[0] == 11


def test_a_link_costs_one_query(sponsor: User, django_assert_num_queries: Any):
    with transaction.atomic(), django_assert_num_queries(2 + (connection.vendor == "postgresql")):
        record(by=sponsor, action="step.taken", target=sponsor)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain(sponsor: User):
    def write() -> None:
        for _ in range(15):
            record(by=sponsor, action="at.once", target=None)
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verify()
    assert (found.checked, found.head[0], found.fault) == (60, 60, None)


def test_entries_written_before_there_was_a_chain_are_chained(trail: list[AuditEntry], sponsor: User):
    migration = importlib.import_module("accounts.migrations.0004_chain_the_entries")
    tamper(f"UPDATE {TABLE} SET sequence = 100 + id, previous_hash = '', hash = ''")
    with lifted(connection):
        migration.chain_the_entries(apps, SimpleNamespace(connection=connection))
    record(by=sponsor, action="new.deed", target=None)
    assert list(AuditEntry.objects.order_by("pk").values_list("sequence", flat=True)) == list(range(1, 12))
    assert verdict()[0] == 0


# From where


def test_a_verb_without_a_request_knows_the_one_under_way(admin: User, sponsor: User, rf: RequestFactory):
    def view(request: Any) -> Any:
        sponsor.full_name = "Sofia S."
        change_user(by=admin, user=sponsor)
        change_user(by=admin, user=User.objects.get(pk=sponsor.pk))
        admin.full_name = "Ada A."
        return change_user(by=admin, user=admin)

    origin_middleware(view)(rf.post("/", REMOTE_ADDR="192.0.2.7", headers={"User-Agent": "A\nBrowser" * 99}))
    first, second = AuditEntry.objects.order_by("sequence")
    assert (first.address, len(first.agent), first.agent[:9]) == ("192.0.2.7", 200, "A Browser")
    assert first.request_id == second.request_id != ""
    assert current_origin().address is None


def test_outside_of_requests_the_process_is_named(sponsor: User):
    entry = record(by=None, action="run.finished", target=None)
    assert (entry.address, entry.request_id) == (None, "")
    assert entry.agent != ""


@pytest.mark.parametrize(
    ("is_behind_proxy", "forwarded", "address"),
    [
        (False, "203.0.113.5", "192.0.2.7"),
        (True, "203.0.113.5", "203.0.113.5"),
        (True, "10.9.8.7, 203.0.113.5", "203.0.113.5"),
        (True, "", "192.0.2.7"),
        (True, "nonsense", "192.0.2.7"),
        (True, "2001:DB8::1", "2001:db8::1"),
    ],
)
def test_the_address_is_the_one_the_trusted_proxy_saw(
    rf: RequestFactory, settings: Any, is_behind_proxy: bool, forwarded: str, address: str
):
    settings.ATLASNEXUS_BEHIND_PROXY = is_behind_proxy
    request = rf.get("/", REMOTE_ADDR="192.0.2.7", headers={"X-Forwarded-For": forwarded, "X-Request-ID": "abc-1"})
    origin_middleware(lambda _: record(by=None, action="looked.at", target=None))(request)
    entry = AuditEntry.objects.get()
    assert entry.address == address
    assert (entry.request_id == "abc-1") is is_behind_proxy
