"""What a PDF tells a screen reader, read by PDFium, which did not write it; and letters of every script."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream

from documents.rendering.pdf import render_pdf
from tests.documents.test_papers import PAPER

PAINTS = {b"Tj", b"TJ", b"'", b'"', b"Do", b"f", b"F", b"f*", b"S", b"s", b"B", b"B*", b"b", b"b*", b"sh"}
COVER = {
    "code": "cover", "title": "Cover of debt service", "unit": "times", "currency": "GBP", "category_label": "year",
    "categories": ["1", "2", "3"],
    "series": [{"name": "DSCR", "values": [1.31, 1.38, None], "mark": "line"}, {"name": "Lock-up", "values": [1.1] * 3, "mark": "limit"}],
}  # fmt: skip
DEBT = {
    "code": "debt", "title": "Debt", "unit": "amount", "currency": "EUR", "category_label": "year",
    "categories": ["1", "2"], "series": [{"name": "Senior", "values": [12_300_000.0, 0.0], "mark": "column"}],
}  # fmt: skip


class Told(NamedTuple):
    role: str
    words: str
    alternative: str
    parts: tuple[Any, ...]


def paper(body: str, **fields: Any) -> bytes:
    return render_pdf({"paper": PAPER, **fields}, body.encode())


def told(content: bytes) -> list[Told]:
    """The parts of the whole paper in reading order, page after page, with the words that are marked as theirs."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [part for page in document for part in _page_parts(page)]
    finally:
        document.close()


def _page_parts(page: pypdfium2.PdfPage) -> list[Told]:
    words: dict[int, str] = {}
    text = page.get_textpage()
    for number in range(text.count_chars()):
        drawn = pdfium.FPDFText_GetTextObject(text.raw, number)
        mark = pdfium.FPDFPageObj_GetMarkedContentID(drawn) if drawn else -1
        words[mark] = words.get(mark, "") + chr(pdfium.FPDFText_GetUnicode(text.raw, number))
    tree = pdfium.FPDF_StructTree_GetForPage(page.raw)
    roots = [
        pdfium.FPDF_StructTree_GetChildAtIndex(tree, at) for at in range(pdfium.FPDF_StructTree_CountChildren(tree))
    ]
    found = [_part(root, words) for root in roots]
    pdfium.FPDF_StructTree_Close(tree)
    return [part for root in found for part in root.parts]


def _part(element: Any, words: dict[int, str]) -> Told:
    marks = [pdfium.FPDF_StructElement_GetMarkedContentIdAtIndex(element, at)
             for at in range(max(pdfium.FPDF_StructElement_GetMarkedContentIdCount(element), 0))]  # fmt: skip
    inside = (
        pdfium.FPDF_StructElement_GetChildAtIndex(element, at)
        for at in range(pdfium.FPDF_StructElement_CountChildren(element))
    )
    return Told(
        _text(pdfium.FPDF_StructElement_GetType, element),
        " ".join(" ".join(words.get(mark, "") for mark in marks if mark >= 0).split()),
        _text(pdfium.FPDF_StructElement_GetAltText, element),
        tuple(_part(part, words) for part in inside if part),
    )


def _text(asked: Any, element: Any) -> str:
    size = asked(element, None, 0)
    if not size:
        return ""
    buffer = ctypes.create_string_buffer(size)
    asked(element, buffer, size)
    return buffer.raw.decode("utf-16-le").rstrip("\0")


def all_of(parts: list[Told] | tuple[Told, ...]) -> Iterator[Told]:
    for part in parts:
        yield part
        yield from all_of(part.parts)


def unmarked(content: bytes) -> list[tuple[int, bytes]]:
    """The page and operator of whatever is painted outside any mark; marks that do not balance raise."""
    found = []
    reader = PdfReader(BytesIO(content))
    for number, page in enumerate(reader.pages, start=1):
        depth = 0
        for _, operator in ContentStream(page.get_contents(), reader).operations:
            depth += (operator in {b"BMC", b"BDC"}) - (operator == b"EMC")
            assert depth in (0, 1), f"page {number}: marks within marks"
            if operator in PAINTS and not depth:
                found.append((number, operator))
        assert depth == 0, f"page {number}: a mark is left open"
    return found


def test_headings_and_paragraphs_are_told_in_reading_order() -> None:
    parts = told(paper("<h1>Terms</h1><p>Of the <b>senior</b> notes.</p><h2>Amount</h2><p>Nine.</p><h3>Drawn</h3>"))
    assert [(part.role, part.words) for part in parts] == [
        ("H1", "Terms"), ("P", "Of the senior notes."), ("H2", "Amount"), ("P", "Nine."), ("H3", "Drawn"),
    ]  # fmt: skip


def test_a_table_has_rows_cells_and_heads_on_each_of_its_pages() -> None:
    rows = "".join(f"<tr><td>{year}</td><td>{1000 + year}</td></tr>" for year in range(90))
    content = paper(f"<table><thead><tr><th>YEAR</th><th>CASH</th></tr></thead><tbody>{rows}</tbody></table>")
    tables = [part for part in told(content) if part.role == "Table"]
    assert len(tables) == len(PdfReader(BytesIO(content)).pages) > 1
    said = []
    for table in tables:
        assert [(cell.role, cell.words) for cell in table.parts[0].parts] == [("TH", "YEAR"), ("TH", "CASH")]
        said += [[cell.words for cell in row.parts] for row in table.parts[1:]]
        assert {cell.role for row in table.parts[1:] for cell in row.parts} == {"TD"}
    assert said == [[str(year), str(1000 + year)] for year in range(90)]


def test_terms_are_heads_of_their_rows_and_tables_that_only_place_text_are_no_tables() -> None:
    parts = told(paper(
        "<table><tr><td>Amount</td><td>Five</td></tr></table><table><tr><td>One</td><td>Two</td><td>Three</td></tr></table>"
    ))  # fmt: skip
    assert [part.role for part in parts] == ["Table", "P", "P", "P"]
    assert [(cell.role, cell.words) for cell in parts[0].parts[0].parts] == [("TH", "Amount"), ("TD", "Five")]


def test_items_are_told_as_a_list() -> None:
    (items,) = told(paper("<ul><li>first</li><li>second</li></ul>"))
    assert items.role == "L"
    assert [item.parts[0].words.lstrip("•· ") for item in items.parts] == ["first", "second"]


def test_charts_are_figures_with_their_figures_in_words() -> None:
    body = "<p><img src='chart:cover:120x40'></p><p><img src='chart:debt:120x40'></p>"
    figures = [part for part in told(paper(body, charts={"cover": COVER, "debt": DEBT})) if part.role == "Figure"]
    assert [figure.alternative for figure in figures] == [
        "Chart: Cover of debt service, by year. DSCR from 1.31x (1) to 1.38x (2). Lock-up 1.10x.",
        "Chart: Debt, by year. Senior from EUR 12.3 million (1) to EUR 0.0 million (2).",
    ]


def test_nothing_is_painted_that_is_neither_content_nor_artifact() -> None:
    body = ("<h1>Head</h1><hr><table><thead><tr><th style='background-color: #eee'>A</th></tr></thead><tr><td>1</td></tr></table>"
            "<div style='border: 1pt solid #000'><p>Boxed</p></div><p><img src='chart:cover:120x40'></p>")  # fmt: skip
    assert unmarked(paper(body, charts={"cover": COVER})) == []


def test_the_file_names_its_language_and_shows_its_title() -> None:
    root: Any = PdfReader(BytesIO(paper("<h1>Head</h1>"))).root_object
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "Test paper: Campus" in root["/Metadata"].get_object().get_data().decode()


@pytest.mark.parametrize("name", ["三井物産株式会社", "삼성에스디에스", "数据中心有限公司", "חברה", "Łódź"])
def test_names_in_every_script_a_font_here_has_are_set(name: str) -> None:
    page: Any = PdfReader(BytesIO(paper(f"<h1>{name}</h1><p>Ltd</p>"))).pages[0]
    assert set(name) <= set(page.extract_text())
    fonts = {str(font["/BaseFont"]).partition("+")[2] for font in page["/Resources"]["/Font"].values()}
    assert ("DroidSansFallback" in fonts) == any(ord(letter) > 0x3000 for letter in name), "only where it is needed"


@pytest.mark.django_db
def test_every_paper_of_a_pack_is_tagged_from_its_first_heading_on(pack_files: dict[str, bytes]) -> None:
    papers = {name: content for name, content in pack_files.items() if name.endswith(".pdf")}
    assert len(papers) >= 8
    for name, content in papers.items():
        assert unmarked(content) == [], name
        headings = [int(part.role[1]) for part in all_of(told(content)) if part.role[0] == "H"]
        assert headings[0] == 1, name
        steps = pairwise(headings)
        assert all(after <= before + 1 for before, after in steps), name


# For archives


def fonts_of(resources: Any) -> Iterator[tuple[str, bool]]:
    """Every font a page or a form on it names, and whether it is in the file."""
    for font in (resources.get("/Font") or {}).values():
        own = font.get_object()
        parts = own.get("/DescendantFonts", [own])
        described = [part.get_object().get("/FontDescriptor") for part in parts]
        held = [bool(each) and any(name.startswith("/FontFile") for name in each.get_object()) for each in described]
        yield own["/BaseFont"], all(held)
    for form in (resources.get("/XObject") or {}).values():
        if form.get_object().get("/Resources"):
            yield from fonts_of(form.get_object()["/Resources"].get_object())


@pytest.mark.django_db
def test_every_font_of_every_paper_is_in_the_file(pack_files: dict[str, bytes]) -> None:
    for name, content in pack_files.items():
        if name.endswith(".pdf"):
            reader: Any = PdfReader(BytesIO(content))
            found = {font for page in reader.pages for font in fonts_of(page["/Resources"])}
            assert found, name
            assert [font for font, is_held in found if not is_held] == [], name


def test_colours_are_told_by_a_profile_that_names_no_moment() -> None:
    root: Any = PdfReader(BytesIO(paper("<h1>One</h1><table><tr><td>Two</td></tr></table>"))).root_object
    (intent,) = [each.get_object() for each in root["/OutputIntents"]]
    profile = intent["/DestOutputProfile"].get_object()
    data = profile.get_data()
    assert (intent["/S"], profile["/N"]) == ("/GTS_PDFA1", 3)
    # ICC.1, 7.2: size, colour space, date, signature.
    assert int.from_bytes(data[:4], "big") == len(data)
    assert (data[16:20], data[24:28], data[36:40]) == (b"RGB ", b"\x07\xcf\x00\x0a", b"acsp")


def test_both_kinds_of_metadata_say_the_same_and_claim_no_conformance() -> None:
    reader: Any = PdfReader(BytesIO(paper("<h1>One</h1>")))
    told, xmp = reader.metadata, reader.xmp_metadata
    assert xmp.dc_title["x-default"] == told.title
    assert xmp.dc_creator == [told.author]
    assert xmp.dc_description["x-default"] == told.subject
    assert (xmp.pdf_keywords, xmp.pdf_producer) == (told["/Keywords"], told.producer)
    assert xmp.xmp_create_date.replace(tzinfo=None) == told.creation_date.replace(tzinfo=None)
    assert (xmp.pdfaid_part, xmp.pdfaid_conformance) == (None, None)
