"""From fields and a template to a file's bytes, the same bytes for the same fields.

The writers and their libraries are imported by the first file that is written: most processes write none.
"""

from __future__ import annotations

from typing import Any


def render_pdf(fields: dict[str, Any], template: bytes) -> bytes:
    """A paper from an HTML template; raises TemplateFault for one that cannot be filled or laid out."""
    from documents.rendering.pdf import render_pdf as render

    return render(fields, template)


def render_word(fields: dict[str, Any], template: bytes) -> bytes:
    """A Word document; raises TemplateFault for a template that is none or cannot be filled."""
    from documents.rendering.word import render_word as render

    return render(fields, template)


def render_slides(fields: dict[str, Any], template: bytes) -> bytes:
    """A presentation; raises TemplateFault for a template that is none or lacks a layout or a placeholder."""
    from documents.rendering.slides import render_slides as render

    return render(fields, template)
