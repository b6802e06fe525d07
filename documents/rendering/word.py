"""From fields and a Word template to a document: filled in a sandbox, cross references worked out, bytes steady."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.oxml.text.paragraph import CT_P
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from lxml.etree import XMLSyntaxError

from documents.errors import TemplateFault
from documents.kinds.kind import Fields
from documents.rendering.steady import steadied
from documents.rendering.templating import template_environment
from documents.rendering.text import printable_fields, shortened

# What a document's properties may hold.
PROPERTY_LENGTH = 255


def render_word(fields: Fields, template: bytes) -> bytes:
    """The filled document; TemplateFault for one that is no Word file, asks for an unknown field, or refers to nothing."""
    document = _opened(template)
    try:
        document.render(printable_fields(fields), template_environment())
    except (TemplateError, XMLSyntaxError, ArithmeticError, TypeError, ValueError) as error:
        raise TemplateFault(f"The Word template cannot be filled: {error}") from None
    _write_references(document.docx)
    _write_properties(document.docx, fields)
    out = BytesIO()
    document.docx.save(out)
    return steadied(out.getvalue())


def _opened(template: bytes) -> DocxTemplate:
    document = DocxTemplate(BytesIO(template))
    try:
        document.init_docx()
    except (BadZipFile, PackageNotFoundError, KeyError, ValueError, XMLSyntaxError):
        raise TemplateFault("Expected a Word document (.docx), got another file.") from None
    return document


def _write_properties(document: Document, fields: Fields) -> None:
    """What a file browser shows; nothing of the moment or the machine it was made on."""
    marks, project = fields["marks"], fields["project"]
    properties = document.core_properties
    properties.title = shortened(f"{project['head']}: {properties.subject}", PROPERTY_LENGTH)
    properties.author = properties.last_modified_by = shortened(marks["organisation"], PROPERTY_LENGTH)
    properties.comments = shortened(
        f"{marks['version']}. {marks['lineage']}. {marks['confidentiality']}", PROPERTY_LENGTH
    )
    properties.created = properties.modified = properties.last_printed = datetime.fromisoformat(marks["made_at"])
    properties.revision = 1


# Cross references: a field shows the number that its clause has once clauses that do not apply are gone.


def _write_references(document: Document) -> None:
    numbers = _bookmark_numbers(document)
    for reference in document.element.body.iter(qn("w:fldSimple")):
        words = reference.get(qn("w:instr"), "").split()
        if words[:1] != ["REF"]:
            continue
        if words[1] not in numbers:
            raise TemplateFault(f"The Word template refers to clause {words[1]}, which is not in this document.")
        for text in reference.iter(qn("w:t")):
            text.text = numbers[words[1]]


def _bookmark_numbers(document: Document) -> dict[str, str]:
    numbering, found = Numbering.of(document), dict[str, str]()
    for paragraph in document.element.body.iter(qn("w:p")):
        number = numbering.next_of(paragraph)
        for bookmark in paragraph.iter(qn("w:bookmarkStart")):
            found[bookmark.get(qn("w:name"), "")] = number
    return found


@dataclass(slots=True)
class Numbering:
    """The numbers Word shows before paragraphs, counted in the order of the document."""

    styles: dict[str, tuple[str, int]]
    levels: dict[str, list[tuple[str, str]]]
    counts: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document) -> Numbering:
        """The numbering of a document's styles; paragraphs with numbers of their own are counted too."""
        styles = {style.style_id: _style_place(style.element) for style in document.styles}
        part: Any = document.part.numbering_part.element
        abstract = {each.get(qn("w:abstractNumId")): each for each in part.iter(qn("w:abstractNum"))}
        levels = {
            each.get(qn("w:numId")): _levels(abstract[_value(each, "w:abstractNumId")])
            for each in part.iter(qn("w:num"))
        }
        return cls({code: place for code, place in styles.items() if place}, levels)

    def next_of(self, paragraph: CT_P) -> str:
        """The paragraph's number with those above it, as "3.1(a)"; empty for one without."""
        place = _place(paragraph.pPr) or self.styles.get(paragraph.style or "")
        if place is None or place[0] not in self.levels:
            return ""
        number, level = place
        levels = self.levels[number]
        counts = self.counts.setdefault(number, [0] * len(levels))
        counts[level] += 1
        counts[level + 1 :] = [0] * (len(levels) - level - 1)
        return "".join(_labels(levels, counts, level)).rstrip(".")


def _labels(levels: list[tuple[str, str]], counts: list[int], level: int) -> Iterator[str]:
    """Labels from the last level that names its parents down to the paragraph's own."""
    first = max(at for at in range(level + 1) if at == 0 or "%1" in levels[at][1])
    for at in range(first, level + 1):
        text = levels[at][1]
        for above in range(at + 1):
            text = text.replace(f"%{above + 1}", FORMATS.get(levels[above][0], str)(counts[above]))
        yield text


def _style_place(style: Any) -> tuple[str, int] | None:
    return _place(style.find(qn("w:pPr")))


def _place(properties: Any) -> tuple[str, int] | None:
    found = None if properties is None else properties.find(qn("w:numPr"))
    if found is None or found.find(qn("w:numId")) is None:
        return None
    level = found.find(qn("w:ilvl"))
    return _value(found, "w:numId"), 0 if level is None else int(level.get(qn("w:val")))


def _levels(abstract: Any) -> list[tuple[str, str]]:
    return [(_value(level, "w:numFmt"), _value(level, "w:lvlText")) for level in abstract.iter(qn("w:lvl"))]


def _value(parent: Any, tag: str) -> str:
    return str(parent.find(qn(tag)).get(qn("w:val")))


def _letter(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _roman(number: int) -> str:
    pairs = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
    text = ""
    for value, sign in pairs:
        text += sign * (number // value)
        number %= value
    return text


FORMATS = {"lowerLetter": _letter, "lowerRoman": _roman}
