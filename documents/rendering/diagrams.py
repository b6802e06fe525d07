"""A diagram of boxes and arrows (`documents.kinds.diagram`) on a slide, drawn with native shapes: each can be moved, and its
arrows follow."""

from __future__ import annotations

from typing import Any

from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Pt

from documents.brand import OFFICE_FONT, PALETTE
from documents.kinds.kind import Fields
from documents.rendering.text import shortened

BOX_POINTS, SMALL_POINTS, LABEL_POINTS = 12, 10, 10
MOST_LETTERS = 60
# Fill and words of a box by its look.
LOOKS = {
    "strong": (PALETTE.accent, "#FFFFFF"), "soft": (PALETTE.accent_soft, PALETTE.ink),
    "quiet": (PALETTE.quiet, PALETTE.ink), "good": (PALETTE.good_soft, PALETTE.ink),
}  # fmt: skip
SIDES = {"top": 0, "left": 1, "bottom": 2, "right": 3}


def write_diagram(slide: Any, place: Any, diagram: Fields) -> None:
    """The boxes and arrows in the area of a placeholder, which gives way to them."""
    area = place.left, place.top, place.width, place.height
    place._element.getparent().remove(place._element)
    boxes = {each["key"]: _box(slide, area, each) for each in diagram["boxes"]}
    for each in diagram["arrows"]:
        _arrow(slide, boxes[each["from"]], boxes[each["to"]], each)


def _box(slide: Any, area: tuple[int, int, int, int], told: Fields) -> Any:
    left, top, width, height = area
    shape = slide.shapes.add_shape(
        MSO_SHAPE.ROUNDED_RECTANGLE, int(left + told["x"] * width), int(top + told["y"] * height),
        int(told["width"] * width), int(told["height"] * height),
    )  # fmt: skip
    shape.name = f"Box {told['key']}"
    shape.adjustments[0] = 0.08
    shape.shadow.inherit = False
    fill, ink = LOOKS[told["look"]]
    shape.fill.solid()
    shape.fill.fore_color.rgb = rgb(fill)
    shape.line.color.rgb, shape.line.width = rgb(PALETTE.accent), Pt(0.75)
    frame = shape.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    frame.margin_left = frame.margin_right = Pt(4)
    frame.margin_top = frame.margin_bottom = Pt(2)
    for at, words in enumerate(told["words"]):
        paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.CENTER
        _write(paragraph, words, BOX_POINTS if at == 0 else SMALL_POINTS, ink, bold=at == 0)
    return shape


def _arrow(slide: Any, start: Any, end: Any, told: Fields) -> None:
    connector = slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, 0, 0, 0, 0)
    connector.begin_connect(start, SIDES[told["leaves"]])
    connector.end_connect(end, SIDES[told["enters"]])
    connector.line.color.rgb, connector.line.width = rgb(PALETTE.soft), Pt(1.25)
    line = connector.line._get_or_add_ln()
    etree.SubElement(line, qn("a:tailEnd"), {"type": "triangle"})
    if told["words"]:
        _label(slide, connector, told["words"])


def _label(slide: Any, connector: Any, words: str) -> None:
    """Words beside the middle of an arrow: above a level one, to the right of an upright one."""
    width, height = Pt(150), Pt(18)
    x, y = (connector.begin_x + connector.end_x) // 2, (connector.begin_y + connector.end_y) // 2
    is_upright = abs(connector.end_y - connector.begin_y) > abs(connector.end_x - connector.begin_x)
    left, top = (x + Pt(4), y - height // 2) if is_upright else (x - width // 2, y - height - Pt(2))
    beside = slide.shapes.add_textbox(left, top, width, height)
    frame = beside.text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    paragraph = frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT if is_upright else PP_ALIGN.CENTER
    _write(paragraph, words, LABEL_POINTS, PALETTE.soft)


def _write(paragraph: Any, words: str, points: int, ink: str, *, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text = shortened(words, MOST_LETTERS)
    run.font.size, run.font.bold, run.font.name = Pt(points), bold, OFFICE_FONT
    run.font.color.rgb = rgb(ink)


def rgb(colour: str) -> RGBColor:
    """A colour of the palette as PowerPoint takes it."""
    found: RGBColor = RGBColor.from_string(colour[1:])  # type: ignore[no-untyped-call]
    return found
