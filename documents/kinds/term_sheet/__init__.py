"""The term sheet: one for each tranche, under the headings the market uses."""

from __future__ import annotations

from pathlib import Path

from documents.facts import PackFacts
from documents.kinds.kind import Part
from documents.kinds.paper import paper_kind
from documents.kinds.term_sheet.fields import fields


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return tuple(
        Part(tranche.code, f"Term sheet: {tranche.name.lower()}", f"term-sheet-{tranche.code}.pdf")
        for tranche in facts.tranches
    )


KIND = paper_kind(Path(__file__).parent, "term_sheet", "Term sheet", _parts, fields)
