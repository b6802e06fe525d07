"""A scan waits for a person: what is unsure and every identifier is looked at, corrections are known the next time."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from lib.errors import Forbidden, Invalid
from reconciliation.models import ExtractedField, FileState, ReceivedFile, Role, Source
from reconciliation.queries import files_of_day, taught_of
from reconciliation.reading.documents import Field
from reconciliation.reading.scans import tesseract
from reconciliation.services.accept_document import Said, accept_document
from reconciliation.services.keep_fields import keep_fields
from reconciliation.services.receive_file import setting_of
from reconciliation.services.save_source import save_source
from reconciliation.services.seed_reconciliation import seed_reconciliation
from tests import world
from tests.reconciliation.cast import DAY, scan_to_check, send
from tests.reconciliation.files import content

pytestmark = pytest.mark.django_db
needs_tesseract = pytest.mark.skipif(tesseract() is None, reason="needs Debian's tesseract-ocr")
EXPECTED = json.loads(content("documents/expected.json"))
UTI = EXPECTED["canonical"]["uti"]
NAMES = {
    "Trade reference": "trade_id", "UTI": "uti", "Trade date": "trade_date", "Effective date": "effective_date",
    "Termination date": "maturity_date", "Notional": "notional", "Fixed rate": "rate", "Floating index": "index",
    "Spread": "spread", "Fixed rate payer": "fixed_payer", "Floating rate payer": "floating_payer",
}  # fmt: skip


@pytest.fixture
def waiting() -> ReceivedFile:
    """A scan whose UTI was read wrong and whose name of ours too; every other line is right and sure."""
    seed_reconciliation()
    row = scan_to_check(world.ada())
    row.extracted_fields.all().delete()
    keep_fields(row, lines())
    return row


def lines(label_of_uti: str = "UTI", payer: str = "Atias Nexus Treasury (fictional)") -> list[Field]:
    found = []
    for at, (label, name) in enumerate(NAMES.items()):
        found.append(Field(label, EXPECTED["fields"][label], 96.0, 1, (60.0, 20.0 * at, 300.0, 20.0 * at + 10), name))
    found[1] = replace(found[1], text=UTI.replace("0", "O"), confidence=71.0)
    if label_of_uti != "UTI":
        found[1] = replace(found[1], label="", name="", text=f"{label_of_uti} {found[1].text}")
    found[9] = replace(found[9], text=payer, confidence=74.0)
    return found


def said(row: ReceivedFile, *, seen: tuple[int, ...] = (), **texts: str) -> Said:
    rows = list(row.extracted_fields.all())
    return Said(
        names={each.position: each.name for each in rows},
        texts={each.position: texts.get(each.name, each.accepted or each.text) for each in rows},
        seen=frozenset(seen),
    )


RIGHT = {"uti": UTI, "fixed_payer": "Atlas Nexus Treasury (fictional)"}


def test_until_somebody_looked_nothing_of_it_enters_a_run(waiting: ReceivedFile):
    with pytest.raises(Invalid) as refused:
        accept_document(by=world.ada(), file=waiting, said=said(waiting))
    assert {each.place for each in refused.value.problems} == {"trade_id", "uti", "fixed_payer"}
    waiting.refresh_from_db()
    assert waiting.state == FileState.CHECK
    assert not files_of_day(Source.objects.all(), DAY).exists()


def test_accepted_it_is_the_trade_and_the_trail_says_what_was_corrected(waiting: ReceivedFile):
    file = accept_document(by=world.ada(), file=waiting, said=said(waiting, seen=(0,), **RIGHT))
    [record] = file.records.all()
    assert {name: record.values.get(name) for name in EXPECTED["canonical"]} == EXPECTED["canonical"]
    assert (file.state, file.record_count) == (FileState.READ, 1)
    assert list(files_of_day(Source.objects.all(), DAY)) == [file]
    entry = AuditEntry.objects.get(action="reconciliation.document_accepted")
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["read"]["UTI"], entry.after["accepted"]["uti"]) == (UTI.replace("0", "O"), UTI)
    with pytest.raises(Invalid, match="nobody any more"):
        accept_document(by=world.ada(), file=file, said=said(file))


def test_what_cannot_be_read_is_said_and_nothing_is_kept(waiting: ReceivedFile):
    wrong = {**RIGHT, "fixed_payer": "Somebody else", "notional": "12,5 euros"}
    with pytest.raises(Invalid, match="None of the payers is us"):
        accept_document(by=world.ada(), file=waiting, said=said(waiting, seen=(0,), **wrong))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.records.count()) == (FileState.CHECK, 0)
    assert not taught_of(waiting.source).words


def test_corrected_names_and_labels_are_known_in_the_next_scan_identifiers_never(waiting: ReceivedFile):
    waiting.extracted_fields.all().delete()
    keep_fields(waiting, lines(label_of_uti="uTl"))
    told = said(waiting, seen=(0,), **RIGHT)
    accept_document(
        by=world.ada(), file=waiting, said=replace(told, names={**told.names, 1: "uti"}, texts={**told.texts, 1: UTI})
    )
    template = taught_of(waiting.source)
    assert template.labels == {"utl": "uti"}
    assert template.words == {"fixed_payer": {"Atias Nexus Treasury (fictional)": RIGHT["fixed_payer"]}}
    assert setting_of(waiting.source, None, DAY).labels == {"utl": "uti"}
    later = ReceivedFile.objects.create(
        source=waiting.source, name="n.pdf", sha256="0" * 64, size_bytes=1, business_date=DAY, state=FileState.CHECK
    )
    keep_fields(later, lines())
    known = {each.name: each for each in ExtractedField.objects.filter(file=later)}
    assert known["fixed_payer"].accepted == RIGHT["fixed_payer"]
    assert known["uti"].accepted == ""
    with pytest.raises(Invalid) as refused:  # what the template proposes is looked at too
        accept_document(by=world.ada(), file=later, said=said(later, seen=(0,), uti=UTI))
    assert [each.place for each in refused.value.problems] == ["fixed_payer"]


def test_a_field_on_no_line_is_typed_and_one_field_is_on_one_line(waiting: ReceivedFile):
    waiting.extracted_fields.filter(name="spread").update(name="")
    told = said(waiting, seen=(0,), **RIGHT)
    with pytest.raises(Invalid, match="several lines"):
        accept_document(by=world.ada(), file=waiting, said=replace(told, names={**told.names, 8: "rate"}))
    file = accept_document(by=world.ada(), file=waiting, said=replace(told, typed={"spread": "0.12 %"}))
    assert file.records.get().values["spread"] == "0.0012"


def test_the_page_shows_the_picture_and_takes_the_corrections(waiting: ReceivedFile, client: Client, admin: User):
    client.force_login(admin)
    address = reverse("recon-document", args=[waiting.code])
    page = client.get(address).content.decode()
    assert reverse("recon-page", args=[waiting.code, 1]) in page
    assert "The check digits of its LEI do not hold." in page
    picture = client.get(reverse("recon-page", args=[waiting.code, 1]))
    assert (picture.headers["Content-Type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    assert client.get(reverse("recon-page", args=[waiting.code, 2])).status_code == 404
    rows = list(waiting.extracted_fields.all())
    posted: dict[str, Any] = {
        **{f"name-{each.position}": each.name for each in rows},
        **{f"text-{each.position}": RIGHT.get(each.name, each.text) for each in rows},
    }
    refused = client.post(address, posted)
    assert refused.status_code == 422
    assert "Trade reference: compare AN-1001-CONF with the picture" in refused.content.decode()
    assert client.post(address, {**posted, "seen-0": "on"}).status_code == 302
    waiting.refresh_from_db()
    assert waiting.state == FileState.READ
    assert f"Read as {UTI.replace('0', 'O')}" in client.get(address).content.decode()


def test_whoever_only_reads_accepts_nothing(day, officer: User):
    with pytest.raises(Forbidden):
        accept_document(by=officer, file=scan_to_check(world.ada()), said=Said({}, {}, frozenset()))


@needs_tesseract
def test_a_scan_is_received_checked_and_read(admin: User):
    seed_reconciliation()
    scans = save_source(by=admin, source=Source(name="Scans", role=Role.BROKER, format="document"))
    row = send(admin, scans, "documents/confirmation_scan.pdf")
    assert (row.state, row.record_count) == (FileState.CHECK, 0)
    assert send(admin, scans, "documents/confirmation_scan.pdf") == row
    by_name = {each.name: each for each in row.extracted_fields.all() if each.name}
    assert by_name["uti"].text != UTI  # it reads zeros as letters: why identifiers go to human eyes
    seen = tuple(each.position for each in by_name.values())
    file = accept_document(by=admin, file=row, said=said(row, seen=seen, uti=UTI))
    assert {name: file.records.get().values.get(name) for name in EXPECTED["canonical"]} == EXPECTED["canonical"]


@needs_tesseract
def test_a_scan_that_was_refused_without_tesseract_is_read_with_it(admin: User, monkeypatch: pytest.MonkeyPatch):
    seed_reconciliation()
    scans = save_source(by=admin, source=Source(name="Scans", role=Role.BROKER, format="document"))
    with monkeypatch.context() as without:
        without.setenv("PATH", "/nowhere")
        row = send(admin, scans, "documents/confirmation_scan.pdf")
    assert (row.state, row.problems[0]["code"]) == (FileState.REFUSED, "DOCUMENT_PICTURE")
    again = send(admin, scans, "documents/confirmation_scan.pdf")
    assert (again, again.state, again.problems) == (row, FileState.CHECK, [])
