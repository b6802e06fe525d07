"""The kinds of document a pack holds, in the order of its table of contents: one line each.

A kind is a folder of equal parts: `fields.py` (what it takes from the facts), a template, `sample.json` (fields to try
a template with), and its `KIND`.
"""

from __future__ import annotations

from collections.abc import Iterator

from documents.facts import PackFacts
from documents.kinds import (
    assumptions,
    checklist,
    checklist_book,
    compliance_report,
    contents,
    executive_summary,
    inflation_swap,
    live_model,
    long_form,
    note_conditions,
    presentation,
    return_swap,
    security_summary,
    stress_grid,
    term_sheet,
    waterfall_summary,
)
from documents.kinds.kind import DocumentKind, Part

KINDS: tuple[DocumentKind, ...] = (
    contents.KIND,
    executive_summary.KIND,
    term_sheet.KIND,
    assumptions.KIND,
    compliance_report.KIND,
    stress_grid.KIND,
    waterfall_summary.KIND,
    live_model.KIND,
    inflation_swap.KIND,
    return_swap.KIND,
    long_form.KIND,
    note_conditions.KIND,
    security_summary.KIND,
    checklist.KIND,
    checklist_book.KIND,
    presentation.KIND,
)


def kind_of(code: str) -> DocumentKind:
    """The kind of this code; KeyError for one that does not exist."""
    return {kind.code: kind for kind in KINDS}[code]


def parts_of(facts: PackFacts) -> Iterator[tuple[DocumentKind, Part]]:
    """Every document of the pack in order; what the structure has no use for is left out."""
    return ((kind, part) for kind in KINDS for part in kind.parts(facts))
