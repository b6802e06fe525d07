"""The stress grid as a workbook: every scenario in full, heat map, migrations, sensitivities. Written cell by cell, so it has no template."""

from __future__ import annotations

from documents.facts import PackFacts
from documents.kinds.kind import DocumentKind, Part
from documents.kinds.stress_grid.book import write_book
from documents.kinds.stress_grid.fields import fields

TITLE = "Stress grid"


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", TITLE, "stress-grid.xlsx"),) if facts.detail.stress else ()


def _write(facts: PackFacts, part: Part, template: bytes) -> bytes:
    return write_book(fields(facts, part), facts.as_of)


KIND = DocumentKind("stress_grid", TITLE, _parts, _write)
