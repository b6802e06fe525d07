"""Confirmations as PDF: fields with their place, the swap they describe; of a picture fields for a person, or a sentence."""

import json

import pytest

from reconciliation.reading.documents import LABELS, LEAST_CONFIDENCE, fields_of, needs_eyes, read_document
from reconciliation.reading.outcome import Reading, Refused
from reconciliation.reading.reading import Setting
from reconciliation.reading.scans import tesseract
from reconciliation.translate import names_of, parties_of
from tests.reconciliation.files import content, content_of_terms

needs_tesseract = pytest.mark.skipif(tesseract() is None, reason="needs Debian's tesseract-ocr")
EXPECTED = json.loads(content("documents/expected.json"))


def setting() -> Setting:
    terms = content_of_terms()
    return Setting("document", parties=parties_of(terms), names=names_of(terms))


def test_a_text_layer_is_read_field_by_field():
    found = fields_of(content("documents/confirmation_text.pdf"))
    assert {field.label: field.text for field in found if field.name} == {
        k: v for k, v in EXPECTED["fields"].items() if k != "Business days"
    }
    assert all(field.confidence == 100 and not field.asks for field in found)
    assert all(0 < field.place[0] < field.place[2] < 1000 for field in found)


def test_the_confirmation_is_a_swap_as_our_side_sees_it():
    [(_, _, reading)] = read_document("c.pdf", content("documents/confirmation_text.pdf"), setting())
    assert isinstance(reading, Reading)
    [record] = reading.records
    assert {name: record.text(name) for name in EXPECTED["canonical"]} == EXPECTED["canonical"]
    assert record.text("counterparty") == "ALPHA"


@pytest.mark.parametrize("name", ["confirmation_scan.pdf", "confirmation_scan_poor.pdf"])
def test_without_tesseract_a_picture_is_refused_with_what_to_do(name, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    [(_, _, refused)] = read_document(name, content(f"documents/{name}"), setting())
    assert isinstance(refused, Refused)
    assert refused.problem.code == "DOCUMENT_PICTURE"
    assert "tesseract-ocr" in refused.problem.message


@needs_tesseract
@pytest.mark.parametrize(("name", "verbatim"), [("confirmation_scan.pdf", 10), ("confirmation_scan_poor.pdf", 8)])
def test_a_scan_is_fields_for_a_person_never_a_record(name, verbatim):
    [(_, _, reading)] = read_document(name, content(f"documents/{name}"), setting())
    assert isinstance(reading, Reading)
    assert (reading.verdict, reading.records) == ("check", [])
    fields = {field.name: field for field in reading.extracted if field.name}
    expected = {LABELS[label.lower()]: text for label, text in EXPECTED["fields"].items() if label.lower() in LABELS}
    assert sum(name in fields and fields[name].text == text for name, text in expected.items()) >= verbatim
    assert all(0 <= field.place[0] < field.place[2] < 600 for field in reading.extracted)
    assert all(fields[each].asks for each in ("uti", "trade_id") if each in fields)


@needs_tesseract
def test_identifiers_of_a_scan_ask_however_sure_they_are():
    found = {field.name: field for field in fields_of(content("documents/confirmation_scan.pdf")) if field.name}
    assert found["trade_id"].confidence > LEAST_CONFIDENCE
    assert found["trade_id"].asks
    assert not found["trade_date"].asks
    assert not needs_eyes("trade_date", LEAST_CONFIDENCE)
    assert needs_eyes("trade_date", LEAST_CONFIDENCE - 0.1)


@pytest.mark.parametrize(("held", "code"), [(b"%PDF-1.7\nbroken", "DOCUMENT_DAMAGED"), (b"no document", "FILE_KIND")])
def test_what_is_no_document_is_refused(held, code):
    [(_, _, refused)] = read_document("x.pdf", held, setting())
    assert isinstance(refused, Refused)
    assert refused.problem.code == code
