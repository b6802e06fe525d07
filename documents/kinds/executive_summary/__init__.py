"""The executive summary: the transaction on two pages."""

from __future__ import annotations

from pathlib import Path

from documents.facts import PackFacts
from documents.kinds.executive_summary.fields import fields
from documents.kinds.kind import Part
from documents.kinds.paper import paper_kind

TITLE = "Executive summary"


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", TITLE, "executive-summary.pdf"),) if facts.tranches else ()


KIND = paper_kind(Path(__file__).parent, "executive_summary", TITLE, _parts, fields)
