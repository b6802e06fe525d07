"""What a page shows of a document: the PDF itself, or in words what kind of file it is and what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from zipfile import BadZipFile

import structlog

from documents.models import PackDocument
from lib.storage import content_of

LINES_SHOWN = 40
LONGEST_LINE = 160
NAMES = {
    "pdf": ("PDF document", "Opens in the browser."),
    "xlsx": ("Excel workbook", "Opens in Excel and in LibreOffice. It has no macros and no links."),
    "docx": ("Word document", "Opens in Word and in LibreOffice, to be edited."),
    "pptx": ("PowerPoint presentation", "Opens in PowerPoint and in LibreOffice; its charts can be edited."),
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Preview:
    """What stands on the page; `lines` are what the file holds: sheets, headings or slides."""

    name: str
    note: str
    is_framed: bool
    heading: str = ""
    lines: tuple[str, ...] = ()


def preview_of(row: PackDocument) -> Preview:
    """The preview of a document that is there."""
    name, note = NAMES.get(row.suffix, ("file", ""))
    if row.suffix == "pdf":
        return Preview(name, note, is_framed=True)
    heading, lines = _outline(row.suffix, content_of(row.content_hash))
    return Preview(name, note, False, heading, tuple(line[:LONGEST_LINE] for line in lines[:LINES_SHOWN]))


def _outline(suffix: str, content: bytes) -> tuple[str, list[str]]:
    try:
        match suffix:
            case "xlsx":
                return "Sheets", _sheets(content)
            case "docx":
                return "Headings", _headings(content)
            case "pptx":
                return "Slides", _slides(content)
    except (BadZipFile, KeyError, ValueError) as error:
        # A replaced template may hold what the reader does not know; the file itself can still be taken away.
        log.warning("no_preview", suffix=suffix, reason=str(error))
    return "", []


# Each reader is loaded by whoever looks into such a file first: web servers start without them.
def _sheets(content: bytes) -> list[str]:
    from openpyxl import load_workbook

    return list(load_workbook(BytesIO(content), read_only=True).sheetnames)


def _headings(content: bytes) -> list[str]:
    from docx import Document

    paragraphs = Document(BytesIO(content)).paragraphs
    headed = [
        each.text for each in paragraphs if ((each.style and each.style.name) or "").startswith(("Heading", "Title"))
    ]
    return [text for text in headed if text.strip()]


def _slides(content: bytes) -> list[str]:
    from pptx import Presentation

    slides = Presentation(BytesIO(content)).slides
    titles = ((slide.shapes.title.text if slide.shapes.title else "") for slide in slides)
    return [f"{number}. {title or 'Without a title'}" for number, title in enumerate(titles, 1)]
