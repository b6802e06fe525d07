"""The security package and the ranking of those who share in it, for counsel to complete."""

from __future__ import annotations

from pathlib import Path

from documents.facts import PackFacts
from documents.kinds.kind import Part, Template, templated
from documents.kinds.security_summary.fields import fields
from documents.rendering import render_word

_HERE = Path(__file__).parent
TITLE = "Security and intercreditor summary"


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", TITLE, "security-summary.docx"),) if facts.tranches else ()


KIND = templated(
    "security_summary", TITLE, _parts, fields, Template(_HERE / "template.docx", _HERE / "sample.json", render_word)
)
