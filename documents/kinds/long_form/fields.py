"""What the long-form term sheet says: the fields that all legal drafts share."""

from __future__ import annotations

from documents.facts import PackFacts
from documents.kinds.kind import Fields, Part
from documents.kinds.legal import legal_fields


def fields(facts: PackFacts, part: Part) -> Fields:
    """The fields of the drafts; a draft has one part."""
    return legal_fields(facts)
