"""Files: the same content is the same file, refused ones are kept and enter nothing, statements come once."""

from __future__ import annotations

import io
import zipfile

import pytest

from accounts.models import AuditEntry
from lib.errors import Forbidden, NotFound
from lib.storage import content_of
from reconciliation.models import BookRecord, FileState, ReceivedFile, Role
from reconciliation.services.receive_file import receive_file
from tests.reconciliation.cast import DAY, send, source
from tests.reconciliation.files import content

pytestmark = pytest.mark.django_db


def test_the_same_content_is_the_same_file(day, admin):
    before = BookRecord.objects.count()
    again = send(admin, day.theirs, "broker_c_trades.txt")
    assert again == day.files[1]
    assert BookRecord.objects.count() == before
    assert content_of(again.sha256) == content("broker_c_trades.txt")


def test_of_a_refused_file_nothing_enters_but_it_is_kept(day, admin):
    refused = send(admin, day.theirs, "broker_c_trades_bad_trailer.txt")
    assert (refused.state, refused.problems[0]["code"], refused.problems[0]["place"]) == (
        "refused",
        "TRAILER_WRONG",
        "line 9",
    )
    assert not refused.records.exists()
    assert content_of(refused.sha256) == content("broker_c_trades_bad_trailer.txt")
    assert AuditEntry.objects.filter(action="reconciliation.file_received", target_code=refused.code).exists()


def test_a_refused_file_may_be_tried_again_under_the_right_mapping(day, admin):
    wrong = send(admin, day.theirs, "broker_b_allocations.csv")
    assert wrong.state == FileState.REFUSED
    day.theirs.mapping_family = "broker-b-allocations"
    day.theirs.save()
    right = send(admin, day.theirs, "broker_b_allocations.csv")
    assert (right.pk, right.state, right.record_count) == (wrong.pk, FileState.READ, 19)
    assert right.records.count() == 19


def test_a_statement_comes_once_and_with_balances_that_hold(day, admin):
    bank = source(admin, "Bank", Role.BROKER, "bank-statement", book="cash")
    wrong = send(admin, bank, "cash_statement.csv", balances=content("cash_statement_balances_wrong.csv"))
    assert (wrong.state, wrong.problems[0]["code"], wrong.problems[0]["place"]) == ("refused", "BALANCE", "USD")
    right = send(admin, bank, "cash_statement.csv", balances=content("cash_statement_balances.csv"))
    assert (right.pk, right.state, right.record_count) == (wrong.pk, FileState.READ, 17)
    # The same statement in other bytes: a blank line at its end.
    [again] = receive_file(
        by=admin,
        source=bank,
        name="again.csv",
        content=content("cash_statement.csv") + b"\n",
        business_date=DAY,
        balances=content("cash_statement_balances.csv"),
    )
    assert (again.state, again.problems[0]["code"]) == (FileState.REFUSED, "STATEMENT_DUPLICATE")


def test_an_archive_is_as_many_files_as_it_holds(day, admin):
    messages = source_of_messages(admin)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("V197998_swap.xml", "R105314_trs.xml"):
            archive.writestr(name, content(f"fpml/{name}"))
        archive.writestr("broken.xml", b"<a>")
    rows = receive_file(by=admin, source=messages, name="day.zip", content=packed.getvalue(), business_date=DAY)
    assert {row.name: row.state for row in rows} == {
        "V197998_swap.xml": "read",
        "R105314_trs.xml": "read",
        "broken.xml": "refused",
    }


def source_of_messages(by):
    from reconciliation.models import Source
    from reconciliation.services.save_source import save_source

    return save_source(by=by, source=Source(name="Messages", role=Role.BROKER, format="fpml", book="otc"))


def test_who_loads_files(day, analyst, officer, sponsor):
    send(analyst, day.theirs, "broker_c_trades.txt")
    with pytest.raises(Forbidden):
        send(officer, day.theirs, "broker_c_trades.txt")
    with pytest.raises(NotFound):
        send(sponsor, day.theirs, "broker_c_trades.txt")


def test_files_are_dropped_on_the_page(day, analyst, client):
    client.force_login(analyst)
    sent = io.BytesIO(content("broker_c_trades.txt").replace(b"ANF0052", b"ANF0099"))
    sent.name = "dropped.txt"
    typed = {"source": day.theirs.pk, "business_date": "2026-06-17", "file": [sent, io.BytesIO(b"")]}
    assert client.post("/reconciliation/files/", typed).status_code == 400  # one of them is empty
    sent.seek(0)
    answer = client.post("/reconciliation/files/", {**typed, "file": [sent]}, follow=True)
    assert "dropped.txt" in answer.content.decode()
    row = ReceivedFile.objects.get(name="dropped.txt")
    shown = client.get(f"/reconciliation/files/{row.code}/").content.decode()
    assert "111.953125" in shown
    taken = client.get(f"/reconciliation/files/{row.code}/content/")
    assert taken.content == content_of(row.sha256)
    assert taken.headers["Content-Disposition"].startswith("attachment")
