"""The compliance report: every rule tested, with value, limit, headroom, verdict and source."""

from __future__ import annotations

from pathlib import Path

from documents.facts import PackFacts
from documents.kinds.compliance_report.fields import fields
from documents.kinds.kind import Part
from documents.kinds.paper import paper_kind

TITLE = "Compliance report"


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", TITLE, "compliance-report.pdf"),)


KIND = paper_kind(Path(__file__).parent, "compliance_report", TITLE, _parts, fields)
