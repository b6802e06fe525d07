"""The terms and conditions of the notes, with their schedules of repayment, for counsel to complete."""

from __future__ import annotations

from pathlib import Path

from documents.facts import PackFacts
from documents.kinds.kind import Part, Template, templated
from documents.kinds.note_conditions.fields import fields
from documents.rendering import render_word

_HERE = Path(__file__).parent
TITLE = "Terms and conditions of the Notes"


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", TITLE, "note-conditions.docx"),) if facts.tranches else ()


KIND = templated(
    "note_conditions", TITLE, _parts, fields, Template(_HERE / "template.docx", _HERE / "sample.json", render_word)
)
