"""The table of contents of the pack."""

from __future__ import annotations

from pathlib import Path

from documents.facts import PackFacts
from documents.kinds.contents.fields import fields
from documents.kinds.kind import Part
from documents.kinds.paper import paper_kind

TITLE = "Contents"


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", TITLE, "contents.pdf"),)


KIND = paper_kind(Path(__file__).parent, "contents", TITLE, _parts, fields)
