"""The assumptions: how cash, value and cover follow from the inputs, and every input and term they rest on."""

from __future__ import annotations

from pathlib import Path

from documents.facts import PackFacts
from documents.kinds.assumptions.fields import fields
from documents.kinds.kind import Part
from documents.kinds.paper import paper_kind

TITLE = "Assumptions"


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", TITLE, "assumptions.pdf"),) if facts.tranches else ()


KIND = paper_kind(Path(__file__).parent, "assumptions", TITLE, _parts, fields)
