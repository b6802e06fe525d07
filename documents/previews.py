"""What a page shows of a document: the PDF itself, or the words and tables of an Office file, read from the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from itertools import zip_longest
from typing import Any
from zipfile import BadZipFile

import structlog

from documents.models import PackDocument
from lib.storage import content_of
from lib.text import day_words

ROWS_SHOWN = 60
COLUMNS_SHOWN = 20
BLOCKS_SHOWN = 500
LONGEST_WORDS = 1000
NAMES = {
    "pdf": ("PDF document", "Opens in the browser."),
    "xlsx": (
        "Excel workbook",
        "Values of the first rows and columns, as they were when it was made; formulas, colours and charts are in the file.",
    ),
    "docx": (
        "Word document",
        "Its words and tables in order; numbers of clauses, page heads and layout are in the file.",
    ),
    "pptx": (
        "PowerPoint presentation",
        "The words, tables and figures of charts of each slide; layout and pictures are in the file.",
    ),
}
Row = tuple[str, ...]
DRAFT_MARK = "Draft mark"
# `[>=1E+98]"none";#,##0.00"x"`: a condition, words in quotes, the digits of a number.
_QUOTED = re.compile(r'"([^"]*)"')

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or rows of a table, of which `has_head` says that the first names the columns."""

    words: str = ""
    rows: tuple[Row, ...] = ()
    is_heading: bool = False
    has_head: bool = False


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A sheet, a chapter or a slide; `left_out` says what of it is not shown."""

    title: str
    blocks: tuple[Block, ...]
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What stands on the page: the file in a frame, or its excerpts."""

    name: str
    note: str
    is_framed: bool
    excerpts: tuple[Excerpt, ...] = ()


def preview_of(row: PackDocument) -> Preview:
    """The preview of a document that is there."""
    name, note = NAMES.get(row.suffix, ("file", ""))
    if row.suffix == "pdf":
        return Preview(name, note, is_framed=True)
    excerpts = excerpts_of(row.suffix, content_of(row.content_hash))
    return Preview(name, note if excerpts else "It cannot be shown here: download it.", False, excerpts)


def excerpts_of(suffix: str, content: bytes) -> tuple[Excerpt, ...]:
    """What can be read of an Office file without the program it is for; empty where it cannot be read."""
    reader = {"xlsx": _sheets, "docx": _chapters, "pptx": _slides}.get(suffix)
    try:
        return tuple(reader(content)) if reader else ()
    except (BadZipFile, KeyError, ValueError) as error:
        # A replaced template may hold what the reader does not know; the file itself can still be taken away.
        log.warning("no_preview", suffix=suffix, reason=str(error))
        return ()


# Each reader is loaded by whoever looks into such a file first: web servers start without them.
def _sheets(content: bytes) -> Iterator[Excerpt]:
    from openpyxl import load_workbook

    for sheet in load_workbook(BytesIO(content), read_only=True, data_only=True):
        cells = sheet.iter_rows(max_row=ROWS_SHOWN, max_col=COLUMNS_SHOWN)
        found = [[_cell_words(cell.value, getattr(cell, "number_format", "")) for cell in row] for row in cells]
        count, width = int(sheet.max_row or 0), int(sheet.max_column or 0)
        left_out = []
        if count > ROWS_SHOWN:
            left_out.append(f"the first {ROWS_SHOWN} of {count} rows")
        if width > COLUMNS_SHOWN:
            left_out.append(f"the first {COLUMNS_SHOWN} of {width} columns")
        told = f"Shown are {' and '.join(left_out)}." if left_out else ""
        yield Excerpt(sheet.title, (Block(rows=_without_blanks(found)),), told)


def _cell_words(value: Any, number_format: str) -> str:
    """A cell as its workbook shows it.

    >>> _cell_words(0.0625, "0.00%"), _cell_words(1.5, '0.00"x"'), _cell_words(-1234.6, "#,##0"), _cell_words(1e99, '[>=1E+98]"none";#,##0')
    ('6.25%', '1.50x', '−1,235', 'none')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, date):
        return day_words(value)
    if not isinstance(value, int | float):
        return str(value)[:LONGEST_WORDS]
    first, *rest = number_format.split(";")
    if first.startswith("[>="):
        limit, _, words = first[3:].partition("]")
        if value >= float(limit):
            return words.strip('"')
        first = rest[0] if rest else "General"
    unit = "".join(_QUOTED.findall(first))
    digits = _QUOTED.sub("", first)
    if "%" in digits:
        value, unit = value * 100.0, "%"
    decimals = len(digits.partition(".")[2].replace("%", "").strip("_) "))
    told = f"{value:,.{decimals}f}" if "0" in digits else f"{value:,.10g}"
    return told.replace("-", "−") + unit


def _without_blanks(rows: Iterable[Iterable[str]]) -> tuple[Row, ...]:
    """Rows with words in them, as wide as the widest; a row that says one thing at its beginning is that cell alone."""
    kept = [list(row) for row in rows]
    kept = [row for row in kept if any(row)]
    width = max((at + 1 for row in kept for at, words in enumerate(row) if words), default=0)
    return tuple(tuple(row[:width]) if any(row[1:]) else (row[0],) for row in kept)


def _chapters(content: bytes) -> Iterator[Excerpt]:
    """What stands under each heading of the first level, tables in their places."""
    from docx import Document
    from docx.table import Table

    title, blocks, count = "Beginning", list[Block](), 0
    for part in Document(BytesIO(content)).iter_inner_content():
        count += 1
        if count > BLOCKS_SHOWN:
            break
        if isinstance(part, Table):
            blocks.append(Block(rows=tuple(tuple(cell.text.strip() for cell in row.cells) for row in part.rows)))
            continue
        # With the words of fields, which the library's own text leaves out: numbers of clauses referred to.
        words = "".join(str(text.text or "") for text in part._p.xpath(".//w:t")).strip()
        style = (part.style and part.style.name) or ""
        if style == "Heading 1" and words:
            if blocks:
                yield Excerpt(title, tuple(blocks))
            title, blocks = words, []
        elif words:
            blocks.append(Block(words[:LONGEST_WORDS], is_heading=style.startswith(("Heading", "Title"))))
    left_out = "What follows is in the file." if count > BLOCKS_SHOWN else ""
    if blocks:
        yield Excerpt(title, tuple(blocks), left_out)


def _slides(content: bytes) -> Iterator[Excerpt]:
    from pptx import Presentation

    for number, slide in enumerate(Presentation(BytesIO(content)).slides, 1):
        heading = slide.shapes.title
        title = (heading.text_frame.text if heading else "") or "Without a title"
        shapes = [shape for shape in slide.shapes if shape != heading and not _is_on_every_slide(shape)]
        blocks = [block for shape in shapes for block in _shape_blocks(shape) if block.words or block.rows]
        yield Excerpt(f"{number}. {title}", tuple(blocks))


def _is_on_every_slide(shape: Any) -> bool:
    """True of foot, number and draft mark."""
    from pptx.enum.shapes import PP_PLACEHOLDER as PLACE

    foot = (PLACE.FOOTER, PLACE.SLIDE_NUMBER, PLACE.DATE)
    return shape.name == DRAFT_MARK or (shape.is_placeholder and shape.placeholder_format.type in foot)


def _shape_blocks(shape: Any) -> Iterator[Block]:
    if shape.has_table:
        rows = tuple(tuple(cell.text for cell in row.cells) for row in shape.table.rows)
        yield Block(rows=rows[:ROWS_SHOWN], has_head=True)
    elif shape.has_chart:
        plot = shape.chart.plots[0]
        series = [each for plot in shape.chart.plots for each in plot.series]
        head = ("", *(each.name for each in series))
        columns = [[_cell_words(value, "#,##0.00") for value in each.values] for each in series]
        points = zip_longest(map(str, plot.categories), *columns, fillvalue="")
        yield Block(rows=(head, *points)[: ROWS_SHOWN + 1], has_head=True)
    elif shape.has_text_frame:
        for paragraph in shape.text_frame.paragraphs:
            yield Block(paragraph.text.strip()[:LONGEST_WORDS])
