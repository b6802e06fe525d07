"""The execution checklist as a workbook to work with: dates, owners, a status to choose, a Gantt chart beside it.

Written cell by cell, so it has no template.
"""

from __future__ import annotations

from documents.facts import PackFacts
from documents.kinds.checklist_book.book import write_book
from documents.kinds.kind import DocumentKind, Part

TITLE = "Execution checklist, workbook"


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", TITLE, "execution-checklist.xlsx"),) if facts.tranches else ()


def _write(facts: PackFacts, part: Part, template: bytes) -> bytes:
    return write_book(facts)


KIND = DocumentKind("checklist_book", TITLE, _parts, _write)
