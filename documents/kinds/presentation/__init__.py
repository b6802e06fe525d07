"""The investor presentation: slides with native charts and tables, to be edited in PowerPoint."""

from __future__ import annotations

from pathlib import Path

from documents.facts import PackFacts
from documents.kinds.kind import Part, Template, templated
from documents.kinds.presentation.fields import fields
from documents.rendering import render_slides

_HERE = Path(__file__).parent
TITLE = "Investor presentation"


def _parts(facts: PackFacts) -> tuple[Part, ...]:
    return (Part("", TITLE, "investor-presentation.pptx"),) if facts.tranches else ()


KIND = templated(
    "presentation", TITLE, _parts, fields, Template(_HERE / "template.pptx", _HERE / "sample.json", render_slides)
)
