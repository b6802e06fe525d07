"""The inflation swap's terms, in the order of a confirmation, where the structure has the swap."""

from __future__ import annotations

from pathlib import Path

from documents.facts import PackFacts
from documents.kinds.inflation_swap.fields import fields
from documents.kinds.kind import Part
from documents.kinds.paper import paper_kind

TITLE = "Inflation swap terms"


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", TITLE, "inflation-swap.pdf"),) if facts.inflation_swap else ()


KIND = paper_kind(Path(__file__).parent, "inflation_swap", TITLE, _parts, fields)
