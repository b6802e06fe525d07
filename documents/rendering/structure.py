"""What a PDF says of itself to screen readers: its headings, paragraphs, tables and charts as a tree (ISO 32000-1, 14.7 and 14.8).

The converter draws text without saying what it is. Each paragraph is marked on its page while it is drawn and entered here;
what is not marked (rules, backgrounds, running heads and feet) is told to be an artifact. A table that goes over pages is
one table a page, each with its heads, as on paper. A table without heads is a list of terms where it has two columns, the
first of them heads of their rows, and else only places its paragraphs side by side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Table
from xhtml2pdf.xhtml2pdf_reportlab import PmlParagraph, PmlTable

LANGUAGE = "en-GB"
# Pages begin and end with what is no content; a mark interrupts it.
BEGIN_ARTIFACT, END_ARTIFACT = b"/Artifact BMC ", b" EMC"


@dataclass(slots=True, eq=False)
class Element:
    """A part of the text: its parts in reading order, each another element or the number of a mark on its page."""

    role: str
    page: int = 0
    parts: list[Element | int] = field(default_factory=list)
    alternative: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Structure:
    """The tree of one PDF as it is drawn; `pictures` has the words that stand for a picture, by its address."""

    pictures: Mapping[str, str]
    open: list[Element] = field(default_factory=lambda: [Element("Document")])
    marks: defaultdict[int, list[Element]] = field(default_factory=lambda: defaultdict(list))
    is_marking: bool = False

    def begin(self, element: Element) -> None:
        """What is drawn from now on is part of the element, until it ends."""
        self.open[-1].parts.append(element)
        self.open.append(element)

    def end(self) -> None:
        """The element begun last ends."""
        self.open.pop()

    @contextmanager
    def marked(self, canvas: Canvas, paragraph: PmlParagraph) -> Iterator[None]:
        """The paragraph, while it is drawn, is content; in a cell it is the cell's own."""
        element = self._element(canvas, paragraph)
        if element is None or self.is_marking:
            yield
            return
        page = element.page = int(canvas.getPageNumber())
        element.parts.append(len(self.marks[page]))
        canvas.addLiteral(f"EMC /{element.role} <</MCID {len(self.marks[page])}>> BDC")
        self.marks[page].append(element)
        self.is_marking = True
        yield
        self.is_marking = False
        canvas.addLiteral("EMC /Artifact BMC")

    def _element(self, canvas: Canvas, paragraph: PmlParagraph) -> Element | None:
        drawn = [frag.cbDefn for frag in paragraph.frags if hasattr(frag, "cbDefn")]
        pictures = [special.image for special in drawn if special.kind == "img"]
        has_text = any(str(getattr(frag, "text", "")).strip() for frag in paragraph.frags)
        here = self.open[-1]
        if pictures and not has_text:
            words = "; ".join(self.pictures.get(picture.src, "Picture") for picture in pictures)
            return self._part(Element("Figure", alternative=words, attributes=_box(canvas, paragraph)))
        if not has_text:
            return None
        if getattr(paragraph, "outline", False):
            return self._part(Element(f"H{paragraph.outlineLevel + 1}"))
        if getattr(paragraph, "bulletText", None):
            return self._item()
        return here if here.role in {"TH", "TD"} else self._part(Element("P"))

    def _part(self, element: Element) -> Element:
        self.open[-1].parts.append(element)
        return element

    def _item(self) -> Element:
        """The body of an item of the list that was written last, or of a new one."""
        before = self.open[-1].parts[-1:]
        items = (
            before[0]
            if before and isinstance(before[0], Element) and before[0].role == "L"
            else self._part(Element("L"))
        )
        body = Element("LBody")
        items.parts.append(Element("LI", parts=[body]))
        return body

    def enter(self, writer: PdfWriter) -> None:
        """The tree goes into the file, whose pages hold the marks."""
        tree = DictionaryObject({NameObject("/Type"): NameObject("/StructTreeRoot")})
        own = writer._add_object(tree)
        entered: dict[Element, IndirectObject] = {}
        tree[NameObject("/K")] = self._entered(writer, self.open[0], own, entered)
        numbers: list[Any] = []
        for index, page in enumerate(writer.pages):
            page[NameObject("/StructParents")] = NumberObject(index)
            page[NameObject("/Tabs")] = NameObject("/S")
            parents = ArrayObject([entered[element] for element in self.marks[index + 1]])
            numbers += [NumberObject(index), writer._add_object(parents)]
        tree[NameObject("/ParentTree")] = writer._add_object(
            DictionaryObject({NameObject("/Nums"): ArrayObject(numbers)})
        )
        tree[NameObject("/ParentTreeNextKey")] = NumberObject(len(writer.pages))
        writer.root_object.update({
            NameObject("/StructTreeRoot"): own,
            NameObject("/MarkInfo"): DictionaryObject({NameObject("/Marked"): BooleanObject(True)}),
            NameObject("/Lang"): TextStringObject(LANGUAGE),
            NameObject("/ViewerPreferences"): DictionaryObject({NameObject("/DisplayDocTitle"): BooleanObject(True)}),
        })  # fmt: skip

    def _entered(
        self, writer: PdfWriter, element: Element, parent: IndirectObject, entered: dict[Element, IndirectObject]
    ) -> IndirectObject:
        plain = DictionaryObject({NameObject("/S"): NameObject(f"/{element.role}"), NameObject("/P"): parent})
        own = entered[element] = writer._add_object(plain)
        if element.page:
            page = writer.pages[element.page - 1].indirect_reference
            plain[NameObject("/Pg")] = page if page is not None else NumberObject(0)
        if element.alternative:
            plain[NameObject("/Alt")] = TextStringObject(element.alternative)
        if element.attributes:
            plain[NameObject("/A")] = DictionaryObject(
                {NameObject(key): value for key, value in element.attributes.items()}
            )
        parts = [
            NumberObject(part) if isinstance(part, int) else self._entered(writer, part, own, entered)
            for part in element.parts
        ]
        if parts:
            plain[NameObject("/K")] = parts[0] if len(parts) == 1 else ArrayObject(parts)
        return own


_drawn: ContextVar[Structure | None] = ContextVar("structure", default=None)


@contextmanager
def recorded(pictures: Mapping[str, str]) -> Iterator[Structure]:
    """The structure of the PDF that is converted meanwhile."""
    structure = Structure(pictures)
    token = _drawn.set(structure)
    try:
        yield structure
    finally:
        _drawn.reset(token)


def _box(canvas: Canvas, paragraph: PmlParagraph) -> dict[str, Any]:
    left, low = canvas.absolutePosition(0, 0)
    corners = (left, low, left + paragraph.width, low + paragraph.height)
    return {
        "/O": NameObject("/Layout"),
        "/Placement": NameObject("/Block"),
        "/BBox": ArrayObject([FloatObject(round(corner, 2)) for corner in corners]),
    }


def _cell(table: PmlTable, row: int, column: int) -> Element:
    heads = table._repeatCount()
    is_head = row < heads or (not heads and column == 0)
    first_column, first_row, last_column, last_row = (
        table._spanRanges.get((column, row)) if table._spanCmds else None
    ) or (column, row, column, row)
    attributes: dict[str, Any] = {}
    if last_column > first_column:
        attributes["/ColSpan"] = NumberObject(last_column - first_column + 1)
    if last_row > first_row:
        attributes["/RowSpan"] = NumberObject(last_row - first_row + 1)
    if is_head:
        attributes["/Scope"] = NameObject("/Column" if row < heads else "/Row")
    return Element("TH" if is_head else "TD", attributes=attributes and {"/O": NameObject("/Table"), **attributes})


def _told(table: PmlTable, event: str, *at: Any) -> None:
    """What the library says while it draws a table."""
    structure = _drawn.get()
    if structure is None or structure.is_marking or not (table._repeatCount() or table._ncols == 2):
        return
    if event == "startTable":
        structure.begin(Element("Table"))
    elif event == "startRow":
        structure.begin(Element("TR"))
    elif event == "startCell":
        structure.begin(_cell(table, at[0], at[1]))
    elif event in {"endCell", "endRow", "endTable"}:
        structure.end()


def _draw_table(table: PmlTable) -> None:
    table._renderCB = _told
    Table.draw(table)


_draw_paragraph = PmlParagraph.draw


def _draw_marked(paragraph: PmlParagraph) -> None:
    structure = _drawn.get()
    if structure is None:
        _draw_paragraph(paragraph)
        return
    with structure.marked(paragraph.canv, paragraph):
        _draw_paragraph(paragraph)


def tell_what_is_drawn() -> None:
    """Paragraphs and tables enter themselves from here on: the converter makes its documents of these classes alone."""
    PmlParagraph.draw, PmlTable.draw = _draw_marked, _draw_table
