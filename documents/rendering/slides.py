"""From slides as plain data and a PowerPoint template to a presentation with native charts and tables.

The template brings the look: layouts named Cover, Text, Chart and Table, whose placeholders say where things stand. What
is too long for its place ends in an ellipsis, and stands in full in the notes.
"""

from __future__ import annotations

import copy
import unicodedata
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

from lxml.etree import XMLSyntaxError
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_AXIS_CROSSES, XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE_DASH_STYLE
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.exc import PackageNotFoundError
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from documents.brand import OFFICE_FONT, PALETTE
from documents.errors import TemplateFault
from documents.kinds.kind import Fields
from documents.rendering.diagrams import rgb, write_diagram
from documents.rendering.steady import steadied_slides
from documents.rendering.text import ELLIPSIS, printable_fields, shortened

TABLE_POINTS, HEAD_POINTS, BODY_POINTS, TITLE_POINTS = 12, 12, 14, 26
# A row is as high as its share of the room, within reason; a line of its words takes so much.
MOST_ROW_POINTS, LINE_POINTS, ROW_MARGIN_POINTS = 48.0, 14.4, 4.0
# A letter is about half as wide as it is high; a little more, so that a wider font still fits.
LETTER = 0.55
PROPERTY_LENGTH = 255
LAYOUTS: dict[str, tuple[Any, ...]] = {
    "Cover": (PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.SUBTITLE, PP_PLACEHOLDER.BODY),
    "Text": (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.BODY),
    "Chart": (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CHART, PP_PLACEHOLDER.BODY),
    "Table": (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.TABLE),
}


def render_slides(fields: Fields, template: bytes) -> bytes:
    """The presentation; TemplateFault for a template that is no PowerPoint file or lacks a layout or a placeholder."""
    deck, fields = _opened(template), printable_fields(fields)
    for each in fields["slides"]:
        SlideWriter(deck, each, fields["marks"]).write()
    properties, marks = deck.core_properties, fields["marks"]
    properties.title = shortened(fields["title"], PROPERTY_LENGTH)
    properties.author = properties.last_modified_by = shortened(marks["organisation"], PROPERTY_LENGTH)
    properties.comments = shortened(marks["words"], PROPERTY_LENGTH)
    properties.created = properties.modified = properties.last_printed = datetime.fromisoformat(marks["made_at"])
    properties.revision = 1
    out = BytesIO()
    deck.save(out)
    return steadied_slides(out.getvalue())


def _opened(template: bytes) -> Any:
    try:
        deck: Any = Presentation(BytesIO(template))
    except (BadZipFile, PackageNotFoundError, KeyError, ValueError, XMLSyntaxError):
        raise TemplateFault("Expected a PowerPoint presentation (.pptx), got another file.") from None
    if len(deck.slides):
        raise TemplateFault(f"Expected a presentation without slides, only layouts; got {len(deck.slides)} slides.")
    known = {layout.name: layout for layout in deck.slide_layouts}
    for name, kinds in LAYOUTS.items():
        if name not in known:
            raise TemplateFault(f"Expected a layout named {name}; got {', '.join(known) or 'none'}.")
        found = [place.placeholder_format.type for place in known[name].placeholders]
        missing = [kind.name.lower().replace("_", " ") for kind in kinds if kind not in found]
        if missing:
            raise TemplateFault(f"Layout {name}: expected a placeholder for {', '.join(missing)}.")
    return deck


class SlideWriter:
    """One slide being written; what had to be shortened is kept for the notes."""

    def __init__(self, deck: Any, slide: Fields, marks: Fields) -> None:
        layout = next(each for each in deck.slide_layouts if each.name == slide["layout"])
        self.fields, self.marks, self.layout = slide, marks, layout
        self.slide = deck.slides.add_slide(layout)
        self.in_full: list[str] = []

    def write(self) -> None:
        """Title, what its layout holds, foot, watermark and notes."""
        is_cover = self.fields["layout"] == "Cover"
        title = self.place(PP_PLACEHOLDER.CENTER_TITLE if is_cover else PP_PLACEHOLDER.TITLE)
        self.write_words(title, [self.fields["title"]], 36 if is_cover else TITLE_POINTS)
        if is_cover:
            self.write_words(self.place(PP_PLACEHOLDER.SUBTITLE), [self.fields["subtitle"]], 20)
        if self.fields.get("text"):
            body = self.place(PP_PLACEHOLDER.BODY)
            self.write_words(body, self.fields["text"], BODY_POINTS)
            if is_cover:
                _without_bullets(body)
        if self.fields.get("chart"):
            frame = write_chart(self.place(PP_PLACEHOLDER.CHART), self.fields["chart"])
            self.describe(frame, ", ".join(series["name"] for series in self.fields["chart"]["series"]))
        if self.fields.get("table"):
            self.write_table(self.fields["table"])
        if self.fields.get("diagram"):
            write_diagram(self.slide, self.place(PP_PLACEHOLDER.BODY), self.fields["diagram"])
        self.write_foot()
        if self.marks["is_draft"]:
            self.write_watermark()
        self.slide.notes_slide.notes_text_frame.text = "\n".join([self.fields["notes"], *self.in_full])

    def place(self, kind: Any) -> Any:
        """The slide's placeholder of this kind."""
        return next(each for each in self.slide.placeholders if each.placeholder_format.type == kind)

    def fitted(self, words: str, width: int, lines: float, points: float) -> str:
        """The words, shortened to the lines they may take; in full in the notes if they were."""
        most = int(Emu(width).pt / (points * LETTER) * lines)
        shown = words if letters(words) <= most else clipped(words, most)
        if shown != words:
            self.in_full.append(f"In full: {words}")
        return shown

    def write_words(self, place: Any, paragraphs: list[str], points: float) -> None:
        """Paragraphs, each with its share of the place's height."""
        frame = place.text_frame
        lines = max(Emu(place.height).pt / (points * 1.35) / len(paragraphs), 1.0)
        for at, words in enumerate(paragraphs):
            paragraph = frame.paragraphs[0] if at == 0 else frame.add_paragraph()
            paragraph.text = self.fitted(words, place.width, int(lines), points)

    def write_table(self, table: Fields) -> None:
        """A native table in its placeholder, columns in the shares asked for."""
        place = self.place(PP_PLACEHOLDER.TABLE)
        left, top, width, room = place.left, place.top, place.width, Emu(place.height).pt
        rows = [table["head"], *table["rows"]]
        frame = place.insert_table(rows=len(rows), cols=len(table["head"]))
        frame.left, frame.top, frame.width = left, top, width
        self.describe(frame, ", ".join(table["head"]))
        native = frame.table
        native.horz_banding = False
        whole = sum(table["shares"])
        for column, share in zip(native.columns, table["shares"], strict=True):
            column.width = int(width * share / whole)
        height = min(MOST_ROW_POINTS, room / len(rows))
        lines = max(int((height - ROW_MARGIN_POINTS) / LINE_POINTS), 1)
        for at, (row, cells) in enumerate(zip(native.rows, rows, strict=True)):
            row.height = Pt(height)
            for down, words in enumerate(cells):
                self.write_cell(native.cell(at, down), words, native.columns[down].width, lines, table, at, down)

    def describe(self, frame: Any, words: str) -> None:
        """What a reader hears in the place of a chart or a table."""
        frame._element.nvGraphicFramePr.cNvPr.set("descr", f"{self.fields['title']}: {words}")

    def write_cell(self, cell: Any, words: str, width: int, lines: int, table: Fields, row: int, column: int) -> None:
        """One cell: head in white on the accent, figures to the right."""
        cell.margin_left = cell.margin_right = Pt(5)
        cell.margin_top = cell.margin_bottom = Pt(2)
        cell.vertical_anchor = MSO_ANCHOR.MIDDLE
        shown = self.fitted(words, width - Pt(10), lines, TABLE_POINTS)
        paragraph = cell.text_frame.paragraphs[0]
        paragraph.alignment = PP_ALIGN.RIGHT if column in table["right"] else PP_ALIGN.LEFT
        run = paragraph.add_run()
        run.text = shown
        run.font.size, run.font.bold = Pt(HEAD_POINTS if row == 0 else TABLE_POINTS), row == 0
        _paint(cell, run, row)

    def write_foot(self) -> None:
        """The layout's foot and slide number, on the slide itself: they show only there."""
        for place in self.layout.placeholders:
            kind = place.placeholder_format.type
            if kind in {PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER}:
                element = copy.deepcopy(place._element)
                # Its number is the layout's: arrows find the boxes they join by theirs.
                element.nvSpPr.cNvPr.set("id", str(max(each.shape_id for each in self.slide.shapes) + 1))
                self.slide.shapes._spTree.append(element)
                if kind == PP_PLACEHOLDER.FOOTER:
                    self.slide.shapes[-1].text_frame.text = self.fitted(self.marks["foot"], place.width, 1, 9)

    def write_watermark(self) -> None:
        """A pale word behind everything else."""
        box = self.slide.shapes.add_textbox(Pt(180), Pt(170), Pt(600), Pt(200))
        box.name, box.rotation = "Draft mark", -25
        run = box.text_frame.paragraphs[0].add_run()
        run.text, run.font.size, run.font.bold = "DRAFT", Pt(150), True
        run.font.color.rgb = rgb("#EEF1F5")
        tree = self.slide.shapes._spTree
        tree.remove(box._element)
        tree.insert(2, box._element)


def _paint(cell: Any, run: Any, row: int) -> None:
    """White on the accent in the head; every other row is clear, so that a draft's mark shows through."""
    run.font.color.rgb = rgb("#FFFFFF" if row == 0 else PALETTE.ink)
    if row % 2:
        cell.fill.background()
        return
    cell.fill.solid()
    cell.fill.fore_color.rgb = rgb(PALETTE.accent if row == 0 else PALETTE.quiet)


def _without_bullets(place: Any) -> None:
    """Said on the slide too: not every program asks the layout."""
    for paragraph in place.text_frame.paragraphs:
        properties = paragraph._p.get_or_add_pPr()
        properties.set("marL", "0")
        properties.set("indent", "0")
        properties.append(properties.makeelement(qn("a:buNone"), {}))


def letters(words: str) -> int:
    """How many letters wide the words are; those of the Far East count double."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in words)


def clipped(words: str, most: int) -> str:
    """As many letters as fit before an ellipsis."""
    kept, used = [], 1
    for letter in words:
        used += letters(letter)
        if used > most:
            break
        kept.append(letter)
    return "".join(kept).rstrip() + ELLIPSIS


# Charts


LIMIT_LOOKS = (
    (PALETTE.bad, MSO_LINE_DASH_STYLE.DASH), (PALETTE.series[1], MSO_LINE_DASH_STYLE.ROUND_DOT),
    (PALETTE.series[3], MSO_LINE_DASH_STYLE.LONG_DASH), (PALETTE.soft, MSO_LINE_DASH_STYLE.DASH_DOT),
)  # fmt: skip
KINDS = {
    "column": XL_CHART_TYPE.COLUMN_CLUSTERED, "stacked": XL_CHART_TYPE.COLUMN_STACKED, "line": XL_CHART_TYPE.LINE,
    "bar": XL_CHART_TYPE.BAR_CLUSTERED,
}  # fmt: skip


def write_chart(place: Any, chart: Fields) -> Any:
    """The frame of a native chart in its placeholder; lines over columns share their axes."""
    data = CategoryChartData(number_format=chart["number_format"])
    data.categories = chart["categories"]
    for series in chart["series"]:
        data.add_series(series["name"], series["values"])
    frame = place.insert_chart(KINDS[chart["kind"]], data)
    native = frame.chart
    native.font.size, native.font.name = Pt(11), OFFICE_FONT
    native.has_title = False
    native.has_legend = len(chart["series"]) > 1
    if native.has_legend:
        native.legend.position, native.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    _write_axes(native, chart)
    if chart["kind"] in {"stacked", "bar"}:
        native.plots[0].gap_width, native.plots[0].overlap = 50, 100
    if chart["kind"] == "bar":
        _label(native, chart)
    for at, (series, drawn) in enumerate(zip(native.plots[0].series, chart["series"], strict=True)):
        _colour(series, drawn["mark"], PALETTE.series[at % len(PALETTE.series)], chart["kind"])
    for series, look in zip(_limits(native, chart), LIMIT_LOOKS, strict=False):
        series.format.line.color.rgb, series.format.line.dash_style = rgb(look[0]), look[1]
    if chart["kind"] == "stacked":
        _lift_lines(native, [series["mark"] for series in chart["series"]])
    return frame


def _limits(native: Any, chart: Fields) -> list[Any]:
    """The series that are limits, each to be told from the others."""
    drawn = zip(native.plots[0].series, chart["series"], strict=True)
    return [series for series, each in drawn if each["mark"] == "limit"]


def _write_axes(native: Any, chart: Fields) -> None:
    values, categories = native.value_axis, native.category_axis
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = chart["number_format"], False
    values.major_gridlines.format.line.color.rgb = rgb(PALETTE.rule)
    values.format.line.fill.background()
    values.has_title = bool(chart["unit"])
    if chart["unit"]:
        values.axis_title.text_frame.text = chart["unit"]
        values.axis_title.text_frame.paragraphs[0].font.size = Pt(10)
    categories.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    categories.format.line.color.rgb = rgb(PALETTE.rule)
    values.minimum_scale = min(0.0, *_known(chart))
    if chart.get("maximum") is not None:
        values.maximum_scale = chart["maximum"]
    if chart["kind"] == "bar":
        categories.reverse_order, categories.crosses = True, XL_AXIS_CROSSES.MAXIMUM
    elif chart["category_label"]:
        categories.has_title = True
        categories.axis_title.text_frame.text = chart["category_label"]
        categories.axis_title.text_frame.paragraphs[0].font.size = Pt(10)


def _known(chart: Fields) -> list[float]:
    return [value for series in chart["series"] for value in series["values"] if value is not None]


def _label(native: Any, chart: Fields) -> None:
    """The figure at the end of each bar."""
    plot = native.plots[0]
    plot.has_data_labels = True
    plot.data_labels.number_format, plot.data_labels.number_format_is_linked = chart["number_format"], False
    plot.data_labels.font.size = Pt(9)


def _colour(series: Any, mark: str, colour: str, kind: str) -> None:
    if kind != "line" and mark in {"column", "stacked", "bar"}:
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = rgb(colour)
        return
    line = series.format.line
    line.color.rgb, line.width = rgb(PALETTE.bad if mark == "limit" else colour), Pt(1.5 if mark == "limit" else 2.5)
    if kind == "line":
        series.smooth = False


def _lift_lines(native: Any, marks: list[str]) -> None:
    """Series that are lines moved from the columns' plot to a plot of lines on the same axes."""
    bars = native._chartSpace.find(f".//{qn('c:barChart')}")
    lifted = [each for each, mark in zip(bars.findall(qn("c:ser")), marks, strict=True) if mark in {"line", "limit"}]
    if not lifted:
        return
    lines = bars.makeelement(qn("c:lineChart"), {})
    lines.append(_element(lines, "c:grouping", "standard"))
    lines.append(_element(lines, "c:varyColors", "0"))
    for series in lifted:
        bars.remove(series)
        for unfit in series.findall(qn("c:invertIfNegative")):
            series.remove(unfit)
        marker = series.makeelement(qn("c:marker"), {})
        marker.append(_element(marker, "c:symbol", "none"))
        series.find(qn("c:cat")).addprevious(marker)
        series.append(_element(series, "c:smooth", "0"))
        lines.append(series)
    lines.append(_element(lines, "c:marker", "1"))
    for axis in bars.findall(qn("c:axId")):
        lines.append(_element(lines, "c:axId", axis.get("val")))
    bars.addnext(lines)


def _element(near: Any, tag: str, value: str) -> Any:
    return near.makeelement(qn(tag), {"val": value})
