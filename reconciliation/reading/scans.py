"""Pictures of pages, and what tesseract recognises on them: words with their places and how sure it is.

Tesseract is a program of its own (Debian's tesseract-ocr); where it is missing, pictures are refused with a sentence.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import dataclass

import pypdfium2 as pdfium

from reconciliation.reading.outcome import Refused

DPI, SHOWN_DPI, POINTS_AN_INCH = 200, 110, 72
MOST_SCANNED_PAGES = 5
MOST_INCHES = 24
SECONDS_A_PAGE = 60
WORD_LEVEL = "5"


@dataclass(frozen=True, slots=True)
class Word:
    """A word: its confidence from 0 to 100, its box in points from the page's top left corner."""

    text: str
    confidence: float
    place: tuple[float, float, float, float]


def tesseract() -> str | None:
    """Where the program lies; None where it is not installed."""
    return shutil.which("tesseract")


def page_picture(content: bytes, number: int, dpi: int = SHOWN_DPI) -> tuple[bytes, float, float]:
    """A page as PNG with its width and height in points, counted from 1; Refused where there is none, or a poster."""
    try:
        with pdfium.PdfDocument(content) as document:
            if not 1 <= number <= len(document):
                raise Refused("PAGE_MISSING", f"The document has {len(document)} pages.", f"page {number}")
            page = document[number - 1]
            width, height = page.get_size()
            if max(width, height) > MOST_INCHES * POINTS_AN_INCH:
                raise Refused("PAGE_LARGE", f"Expected pages of at most {MOST_INCHES} inches.", f"page {number}")
            picture = io.BytesIO()
            page.render(scale=dpi / POINTS_AN_INCH, grayscale=True).to_pil().save(picture, "PNG")
    except pdfium.PdfiumError:
        raise Refused("DOCUMENT_DAMAGED", "It cannot be opened: it is damaged or protected.") from None
    return picture.getvalue(), width, height


def recognised(content: bytes, pages: int) -> list[list[list[Word]]]:
    """By page, the lines of words; Refused without the program, or where it takes too long."""
    program = tesseract()
    if program is None:
        raise Refused(
            "DOCUMENT_PICTURE",
            "It is a picture without text, and no tesseract is installed here to read it: install Debian's "
            "tesseract-ocr and send it again, ask for a text PDF, or type the trade.",
        )
    if pages > MOST_SCANNED_PAGES:
        raise Refused("DOCUMENT_LONG", f"Expected at most {MOST_SCANNED_PAGES} pages of a picture, got {pages}.")
    return [_lines(program, page_picture(content, number, DPI)[0], number) for number in range(1, pages + 1)]


def _lines(program: str, picture: bytes, number: int) -> list[list[Word]]:
    command = [program, "stdin", "stdout", "--psm", "6", "--dpi", str(DPI), "-l", "eng", "tsv"]
    try:
        done = subprocess.run(command, input=picture, capture_output=True, timeout=SECONDS_A_PAGE, check=True)
    except (subprocess.SubprocessError, OSError):
        raise Refused("DOCUMENT_PICTURE", "It could not be recognised: ask for a text PDF.", f"page {number}") from None
    lines: dict[tuple[str, ...], list[Word]] = {}
    for row in done.stdout.decode("utf-8", errors="replace").splitlines()[1:]:
        cells = row.split("\t")
        if cells[0] == WORD_LEVEL and cells[11].strip():
            lines.setdefault(tuple(cells[2:5]), []).append(_word(cells))
    return list(lines.values())


def _word(cells: list[str]) -> Word:
    """A word of tesseract's table, whose boxes are left, top, width, height in dots."""
    left, top, width, height = (int(cell) * POINTS_AN_INCH / DPI for cell in cells[6:10])
    return Word(cells[11].strip(), max(0.0, float(cells[10])), (left, top, left + width, top + height))
