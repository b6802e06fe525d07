"""What every page of a PDF says around its text: running head, foot, and the watermark of a draft behind it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import Any

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont
from PIL import ImageCms
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from pypdf.xmp import XmpInformation
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject
from xhtml2pdf.bidi import get_display

from documents.brand import FONT_FOLDER, PALETTE
from documents.rendering.letters import REGULAR, STRONG, clipped, registered, runs, shown, width_points
from documents.rendering.structure import BEGIN_ARTIFACT, END_ARTIFACT, LANGUAGE, Structure

SIDE_POINTS = 20 * mm
HEAD_POINTS = 13 * mm
FOOT_POINTS = 11 * mm
SIZE_POINTS = 7.2
WATERMARK = "DRAFT"
WATERMARK_COLOUR = "#F1F3F6"
PRODUCER = "Atlas Nexus"
PDF_VERSION = "%PDF-1.7"


@dataclass(frozen=True, slots=True)
class Marking:
    """What the head and foot of a paper say, and what its file says of itself."""

    title: str
    project: str
    organisation: str
    confidentiality: str
    version: str
    lineage: str
    is_draft: bool
    as_of: datetime

    @classmethod
    def of(cls, paper: Mapping[str, Any]) -> Marking:
        """The marking in the `paper` of a document's fields."""
        words = {name: shown(str(paper[name])) for name in cls.__slots__ if name not in {"is_draft", "as_of"}}
        return cls(**words, is_draft=bool(paper["is_draft"]), as_of=datetime.fromisoformat(paper["as_of"]))


def stamped(content: bytes, marking: Marking, structure: Structure) -> bytes:
    """The PDF with its heads, feet and watermark laid under the text of each page, its structure and its metadata."""
    writer = PdfWriter(clone_from=BytesIO(content))
    writer.pdf_header = PDF_VERSION
    sizes = [(float(page.mediabox.width), float(page.mediabox.height)) for page in writer.pages]
    for page, stamp in zip(writer.pages, PdfReader(BytesIO(_stamps(sizes, marking))).pages, strict=True):
        _lay_under(writer, page, stamp)
    structure.enter(writer)
    _tell_colours(writer)
    writer.metadata = None
    writer.add_metadata(_metadata(marking))
    writer.xmp_metadata = _described(marking)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _tell_colours(writer: PdfWriter) -> None:
    """What the colours mean, as archives ask (ISO 19005-2, 6.2.3): sRGB, by its profile."""
    profile: StreamObject = DecodedStreamObject()
    profile.set_data(_srgb())
    profile[NameObject("/N")] = NumberObject(3)
    intent = DictionaryObject({
        NameObject("/Type"): NameObject("/OutputIntent"),
        NameObject("/S"): NameObject("/GTS_PDFA1"),
        NameObject("/OutputConditionIdentifier"): TextStringObject("sRGB IEC61966-2.1"),
        NameObject("/DestOutputProfile"): writer._add_object(profile.flate_encode()),
    })  # fmt: skip
    writer.root_object[NameObject("/OutputIntents")] = ArrayObject([writer._add_object(intent)])


@lru_cache(maxsize=1)
def _srgb() -> bytes:
    """The profile of sRGB; its own date, which would be that of the process, is the standard's."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[:24] + struct.pack(">6H", 1999, 10, 1, 0, 0, 0) + made[36:]


def _metadata(marking: Marking) -> dict[str, str]:
    moment = f"D:{marking.as_of:%Y%m%d%H%M%S}Z"
    return {
        "/Title": f"{marking.title}: {marking.project}"[:500],
        "/Author": marking.organisation,
        "/Subject": marking.confidentiality,
        "/Keywords": f"{marking.version}; {marking.lineage}",
        "/Creator": PRODUCER,
        "/Producer": PRODUCER,
        "/CreationDate": moment,
        "/ModDate": moment,
    }


def _described(marking: Marking) -> XmpInformation:
    """The metadata once more as XMP, where PDF/UA and archives look for them."""
    xmp = XmpInformation.create()
    xmp.dc_title = {"x-default": f"{marking.title}: {marking.project}"[:500]}
    xmp.dc_creator = [marking.organisation]
    xmp.dc_description = {"x-default": marking.confidentiality}
    xmp.pdf_keywords = f"{marking.version}; {marking.lineage}"
    xmp.dc_language = [LANGUAGE]
    xmp.xmp_creator_tool = xmp.pdf_producer = PRODUCER
    xmp.xmp_create_date = xmp.xmp_modify_date = marking.as_of
    return xmp


def _lay_under(writer: PdfWriter, page: Any, stamp: Any) -> None:
    """The stamp as a form of its own, so that names of fonts on it and on the page never meet."""
    form = DecodedStreamObject()
    form.set_data(stamp.get_contents().get_data())
    form.update({
        NameObject("/Type"): NameObject("/XObject"),
        NameObject("/Subtype"): NameObject("/Form"),
        NameObject("/BBox"): stamp.mediabox.clone(writer),
        NameObject("/Resources"): stamp["/Resources"].clone(writer),
    })  # fmt: skip
    drawn: StreamObject = DecodedStreamObject()
    drawn.set_data(BEGIN_ARTIFACT + b"q /Stamp Do Q\n")
    ended: StreamObject = DecodedStreamObject()
    ended.set_data(END_ARTIFACT)
    forms = page["/Resources"].setdefault(NameObject("/XObject"), DictionaryObject()).get_object()
    forms[NameObject("/Stamp")] = writer._add_object(form.flate_encode())
    page[NameObject("/Contents")] = ArrayObject(
        [writer._add_object(drawn), page.raw_get("/Contents"), writer._add_object(ended)]
    )


def _stamps(sizes: list[tuple[float, float]], marking: Marking) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, invariant=1)
    for number, size in enumerate(sizes, start=1):
        canvas.setPageSize(size)
        if marking.is_draft:
            _watermark(canvas, size)
        _head(canvas, size, marking)
        _foot(canvas, size, marking, f"Page {number} of {len(sizes)}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _watermark(canvas: Canvas, size: tuple[float, float]) -> None:
    """The word as an outline, so that it never stands between the figures of a page whose text is copied."""
    units, advances, glyphs = _outline()
    scale = min(size) / 3.4 / units
    canvas.saveState()
    canvas.setFillColor(HexColor(WATERMARK_COLOUR))
    canvas.translate(size[0] / 2.0, size[1] / 2.0)
    canvas.rotate(52.0 if size[1] > size[0] else 34.0)
    canvas.scale(scale, scale)
    canvas.translate(-sum(advances) / 2.0, -units / 3.0)
    for advance, draw in zip(advances, glyphs, strict=True):
        path = canvas.beginPath()
        draw(_PathPen(path))
        canvas.drawPath(path, stroke=0, fill=1)
        canvas.translate(advance, 0.0)
    canvas.restoreState()


class _PathPen(BasePen):  # type: ignore[misc]
    """Writes the outline of a letter into a path of the page, under the names fontTools calls."""

    def __init__(self, path: PDFPathObject) -> None:
        super().__init__()
        self.path = path

    def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
        self.path.moveTo(*pt)

    def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
        self.path.lineTo(*pt)

    def _curveToOne(self, pt1: tuple[float, float], pt2: tuple[float, float], pt3: tuple[float, float]) -> None:  # noqa: N802
        self.path.curveTo(*pt1, *pt2, *pt3)

    def _closePath(self) -> None:  # noqa: N802
        self.path.close()


@lru_cache(maxsize=1)
def _outline() -> tuple[int, list[float], list[Callable[[BasePen], None]]]:
    """Units of the font, how far each letter of the watermark advances, and what draws it."""
    font = TTFont(FONT_FOLDER / "SourceSans3-SemiBold.ttf")
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    letters = [glyphs[names[ord(letter)]] for letter in WATERMARK]
    return font["head"].unitsPerEm, [letter.width for letter in letters], [letter.draw for letter in letters]


def _head(canvas: Canvas, size: tuple[float, float], marking: Marking) -> None:
    top, right = size[1] - HEAD_POINTS, size[0] - SIDE_POINTS
    room = (right - SIDE_POINTS) / 2.0
    private = clipped(marking.confidentiality, registered(REGULAR), SIZE_POINTS, room)
    _text(canvas, private, right - width_points(private, registered(REGULAR), SIZE_POINTS), top, REGULAR)
    room = right - SIDE_POINTS - width_points(private, registered(REGULAR), SIZE_POINTS) - 6 * mm
    title = clipped(marking.title, registered(REGULAR), SIZE_POINTS, room / 2.0)
    project = clipped(marking.project, registered(STRONG), SIZE_POINTS,
                      room - 3 * mm - width_points(title, registered(REGULAR), SIZE_POINTS))  # fmt: skip
    _text(canvas, project, SIDE_POINTS, top, STRONG)
    _text(canvas, title, SIDE_POINTS + width_points(project, registered(STRONG), SIZE_POINTS) + 3 * mm, top, REGULAR)
    _rule(canvas, right, top - 2.2 * mm)


def _foot(canvas: Canvas, size: tuple[float, float], marking: Marking, page: str) -> None:
    right = size[0] - SIDE_POINTS
    _rule(canvas, right, FOOT_POINTS + 4 * mm)
    room = (right - SIDE_POINTS) / 3.0 - 4 * mm
    version = clipped(marking.version, registered(STRONG), SIZE_POINTS, room)
    _text(canvas, version, SIDE_POINTS, FOOT_POINTS, STRONG)
    lineage = clipped(marking.lineage, registered(REGULAR), SIZE_POINTS, 1.4 * room)
    _text(
        canvas, lineage, (size[0] - width_points(lineage, registered(REGULAR), SIZE_POINTS)) / 2.0, FOOT_POINTS, REGULAR
    )
    _text(canvas, page, right - width_points(page, registered(REGULAR), SIZE_POINTS), FOOT_POINTS, REGULAR)


def _rule(canvas: Canvas, right: float, at: float) -> None:
    canvas.setStrokeColor(HexColor(PALETTE.rule))
    canvas.setLineWidth(0.4)
    canvas.line(SIDE_POINTS, at, right, at)


def _text(canvas: Canvas, text: str, at: float, height: float, font: str) -> None:
    line = canvas.beginText(at, height)
    line.setFillColor(HexColor(PALETTE.ink if font == STRONG else PALETTE.soft))
    for name, piece in runs(get_display(text), registered(font)):
        line.setFont(name, SIZE_POINTS)
        line.textOut(piece)
    canvas.drawText(line)
