"""Confirmations as PDF: fields with their place, the swap they describe; a picture is refused with a sentence."""

import json

import pytest

from reconciliation.reading.documents import fields_of, read_document
from reconciliation.reading.outcome import Reading, Refused
from reconciliation.reading.reading import Setting
from reconciliation.translate import names_of, parties_of
from tests.reconciliation.files import content, content_of_terms

EXPECTED = json.loads(content("documents/expected.json"))


def setting() -> Setting:
    terms = content_of_terms()
    return Setting("document", parties=parties_of(terms), names=names_of(terms))


def test_a_text_layer_is_read_field_by_field():
    found = fields_of(content("documents/confirmation_text.pdf"))
    assert {field.label: field.text for field in found} == {
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
def test_a_picture_is_refused_never_guessed(name):
    [(_, _, refused)] = read_document(name, content(f"documents/{name}"), setting())
    assert isinstance(refused, Refused)
    assert refused.problem.code == "DOCUMENT_PICTURE"


@pytest.mark.parametrize(("held", "code"), [(b"%PDF-1.7\nbroken", "DOCUMENT_DAMAGED"), (b"no document", "FILE_KIND")])
def test_what_is_no_document_is_refused(held, code):
    [(_, _, refused)] = read_document("x.pdf", held, setting())
    assert isinstance(refused, Refused)
    assert refused.problem.code == code
