"""The execution checklist: what is to be done until close, by whom, after what, and by when."""

from __future__ import annotations

from pathlib import Path

from documents.facts import PackFacts
from documents.kinds.checklist.fields import fields
from documents.kinds.kind import Part
from documents.kinds.paper import paper_kind

TITLE = "Execution checklist"


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", TITLE, "execution-checklist.pdf"),)


KIND = paper_kind(Path(__file__).parent, "checklist", TITLE, _parts, fields)
