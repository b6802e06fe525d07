"""The waterfall summary: who is paid in which order, every year to the end of the lease, and what that leaves."""

from __future__ import annotations

from pathlib import Path

from documents.facts import PackFacts
from documents.kinds.kind import Part
from documents.kinds.paper import paper_kind
from documents.kinds.waterfall_summary.fields import fields

TITLE = "Waterfall summary"


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", TITLE, "waterfall-summary.pdf"),) if facts.tranches else ()


KIND = paper_kind(Path(__file__).parent, "waterfall_summary", TITLE, _parts, fields)
