"""The total return swap's terms, its carry and what rate shocks do to it, where the structure has the swap."""

from __future__ import annotations

from pathlib import Path

from documents.facts import PackFacts
from documents.kinds.kind import Part
from documents.kinds.paper import paper_kind
from documents.kinds.return_swap.fields import fields

TITLE = "Total return swap terms"


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", TITLE, "total-return-swap.pdf"),) if facts.return_swap else ()


KIND = paper_kind(Path(__file__).parent, "return_swap", TITLE, _parts, fields)
