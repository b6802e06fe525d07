"""The long-form term sheet: every term of the notes as numbered clauses, for counsel to complete."""

from __future__ import annotations

from pathlib import Path

from documents.facts import PackFacts
from documents.kinds.kind import Part, Template, templated
from documents.kinds.long_form.fields import fields
from documents.rendering import render_word

_HERE = Path(__file__).parent
TITLE = "Long-form term sheet"


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", TITLE, "term-sheet-long-form.docx"),) if facts.tranches else ()


KIND = templated(
    "long_form", TITLE, _parts, fields, Template(_HERE / "template.docx", _HERE / "sample.json", render_word)
)
