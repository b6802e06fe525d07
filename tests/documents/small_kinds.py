"""A registry of three small kinds, for stories about packs whose documents do not matter: each takes milliseconds."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jinja2
import pytest

from documents import kinds
from documents.errors import TemplateFault
from documents.facts import PackFacts
from documents.kinds.kind import DocumentKind, Fields, Part, Template, templated
from documents.rendering.templating import filled

TEMPLATE = "<h1>{{ title }}</h1>\n<p>{{ amount|amount }} {{ marks }}</p>\n"
SAMPLE: Fields = {"title": "Sample", "amount": 12.5, "marks": "Draft"}


# The smallest page a reader accepts.
PDF = """%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 144]/Resources<<>>>>endobj
trailer<</Root 1 0 R>>
%"""


def _contents(facts: PackFacts, part: Part, template: bytes) -> bytes:
    return f"{PDF} {facts.marks.version_words}\n".encode()


def _fields(facts: PackFacts, part: Part) -> Fields:
    return {"title": part.title, "amount": facts.detail.row["senior_amount"], "marks": facts.marks.version_words}


def _render(fields: dict[str, Any], template: bytes) -> bytes:
    try:
        return filled(template.decode(), fields).encode()
    except (jinja2.TemplateError, UnicodeDecodeError) as error:
        raise TemplateFault(f"It cannot be filled: {error}") from error


def _term_sheets(facts: PackFacts) -> tuple[Part, ...]:
    return tuple(Part(t.code, f"Term sheet, {t.name}", f"term-sheet-{t.code}.html") for t in facts.tranches)


def small_kinds(folder: Path) -> tuple[DocumentKind, ...]:
    """Term sheets with a template in `folder`, a table of contents, a last one without a template."""
    (folder / "template.html").write_text(TEMPLATE)
    (folder / "sample.json").write_text(json.dumps(SAMPLE))
    template = Template(folder / "template.html", folder / "sample.json", _render)
    return (
        templated("term_sheet", "Term sheets", _term_sheets, _fields, template),
        DocumentKind("contents", "Contents", lambda facts: (Part("", "Contents", "contents.pdf"),), _contents),
        DocumentKind("note", "Note", lambda facts: (Part("", "Note", "note.txt"),), _contents),
    )


@contextmanager
def packs_of_few() -> Iterator[tuple[DocumentKind, ...]]:
    """Packs are of the three small kinds, in the place of the registry's."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        small = small_kinds(Path(folder))
        patch.setattr(kinds, "KINDS", small)
        yield small
