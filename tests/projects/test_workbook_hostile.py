"""Workbooks made to do harm, or made badly: refused with advice or told of cell by cell, never an error of ours."""

import re
import struct
import time
import tracemalloc
import zipfile
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.archives import MEGABYTE, Limits
from lib.errors import UnreadableFile
from lib.workbooks.package import ADVICE
from projects.workbook.layout import layout
from projects.workbook.read import Upload, read_workbook
from tests.projects.cast import TODAY, sound_inputs
from tests.projects.workbooks import SHEETS, address, part, reading, slot, sound_workbook, with_parts

SOUND = sound_workbook()
SHEET = SHEETS["Inputs"]
SHEET_XML = part(SOUND, SHEET).decode()
STRINGS = "xl/sharedStrings.xml"
BOOK = "xl/workbook.xml"
PLACES = [each.place for each in layout().slots() if each.sheet == "Inputs"]
MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def outcome(content: bytes, limits: Limits | None = None) -> Upload | str:
    """What reading it comes to: an upload, or the code of a refusal that says what to do."""
    try:
        return read_workbook(BytesIO(content), today=TODAY, limits=limits)
    except UnreadableFile as refused:
        message = refused.problems[0].message
        assert message.startswith("The file was refused. ")
        assert ADVICE in message
        assert not re.search(r"Traceback|Error\b|Exception|/site-packages|object at 0x", message)
        return refused.code


def cell_xml(place: str, kind: str, inner: str) -> str:
    """The sheet with another cell in the place of a field's."""
    where = address(place)
    changed, count = re.subn(rf'<c r="{where}"( s="\d+")?[^>]*?(/>|>.*?</c>)', rf'<c r="{where}"\1 {kind}>{inner}</c>'.replace("\\", r"\\").replace(r"\\1", r"\1"), SHEET_XML)  # fmt: skip
    assert count == 1
    return changed


def with_cell(place: str, kind: str, inner: str) -> bytes:
    return with_parts(SOUND, {SHEET: cell_xml(place, kind, inner).encode("utf-8", "replace")})


# At random


@given(content=st.binary(max_size=2_000), head=st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]))  # fmt: skip
@MANY
def test_bytes_that_are_no_workbook(content: bytes, head: bytes) -> None:
    assert isinstance(outcome(head + content), str)


@given(cut=st.integers(0, len(SOUND) - 1))
@MANY
def test_a_workbook_not_sent_whole(cut: int) -> None:
    assert outcome(SOUND[:cut]) in {"damaged", "empty", "text", "not_a_workbook"}


@given(flips=st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=30))
@MANY
def test_a_workbook_with_bytes_changed(flips: list[tuple[int, int]]) -> None:
    content = bytearray(SOUND)
    for place, byte in flips:
        content[place] = byte
    found = outcome(bytes(content))
    assert isinstance(found, str | Upload)


@given(start=st.integers(0, len(SHEET_XML) - 2), length=st.integers(1, 400), rubbish=st.text(max_size=20))
@MANY
def test_a_sheet_with_text_cut_out_and_put_in(start: int, length: int, rubbish: str) -> None:
    changed = SHEET_XML[:start] + rubbish + SHEET_XML[start + length :]
    found = outcome(with_parts(SOUND, {SHEET: changed.encode("utf-8", "replace")}))
    assert isinstance(found, str | Upload)


CELLS = st.one_of(
    st.tuples(st.just('t="inlineStr"'), st.text(max_size=300).map(lambda text: f"<is><t>{escape(text)}</t></is>")),
    st.tuples(st.just('t="str"'), st.text(max_size=50).map(lambda text: f"<f>A1</f><v>{escape(text)}</v>")),
    st.tuples(st.sampled_from(['t="n"', ""]), st.one_of(st.floats(), st.integers()).map(lambda n: f"<v>{n}</v>")),
    st.tuples(st.just('t="s"'), st.integers(-3, 10**12).map(lambda n: f"<v>{n}</v>")),
    st.tuples(st.just('t="b"'), st.sampled_from(["0", "1", "2", "TRUE", ""]).map(lambda n: f"<v>{n}</v>")),
    st.tuples(st.just('t="e"'), st.sampled_from(["#REF!", "#N/A", "#DIV/0!", "x" * 99]).map(lambda n: f"<v>{n}</v>")),
    st.tuples(st.just('t="d"'), st.sampled_from(["2029-01-01T00:00:00", "2029-13-01", "later"]).map(lambda n: f"<v>{n}</v>")),
    st.tuples(st.sampled_from(['t="rubbish"', 's="99999"', 's="-1"']), st.just("<v>1e400</v>")),
)  # fmt: skip


@given(place=st.sampled_from(PLACES), cell=CELLS)
@MANY
def test_anything_in_any_cell(place: str, cell: tuple[str, str]) -> None:
    kind, inner = cell
    found = outcome(with_cell(place, kind, inner))
    if isinstance(found, str):  # what XML has no place for
        assert found == "damaged"
        return
    for problem in found.problems:
        assert problem.message
        assert len(str(problem)) < 700
    told = {problem.place for problem in found.problems}
    assert not told - {"title"} or not found.is_complete


# On purpose


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"title;PUE\nQuay;1,2\n", "text"),
        (b"<html><body>Sign in</body></html>", "text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000), "old_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\x7fELF" + bytes(100), "not_a_workbook"),
        (with_parts(SOUND, {"xl/vbaProject.bin": b"x"}), "macros"),
        (with_parts(SOUND, {"[Content_Types].xml": part(SOUND, "[Content_Types].xml").replace(b"openxmlformats-officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")}), "macros"),
        (with_parts(SOUND, {"xl/workbook.bin": b"x"}), "binary_format"),
        (with_parts(SOUND, {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}), "open_document"),
        (with_parts(SOUND, {"[Content_Types].xml": None}), "not_a_workbook"),
        (with_parts(SOUND, {BOOK: b"<workbook/>"}), "no_sheets"),
        (with_parts(SOUND, {BOOK: None}), "no_sheets"),
        (with_parts(SOUND, {"xl/_rels/workbook.xml.rels": None}), "not_the_template"),
        (with_parts(SOUND, {STRINGS: None}), "not_the_template"),
        (with_parts(SOUND, {SHEET: b"<worksheet><sheetData><row>"}), "damaged"),
        (with_parts(SOUND, {SHEET: b'<?xml version="1.0" encoding="klingon"?><worksheet/>'}), "damaged"),
    ],
)  # fmt: skip
def test_files_that_are_something_else(content: bytes, code: str) -> None:
    assert outcome(content) == code


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst><si><t>&a;</t></si></sst>'
PLAIN_DTD = b'<?xml version="1.0"?><!DOCTYPE sst SYSTEM "http://attacker.example/x.dtd"><sst/>'


@pytest.mark.parametrize("name", [STRINGS, BOOK, SHEET, "xl/_rels/workbook.xml.rels", "xl/styles.xml"])
@pytest.mark.parametrize("bomb", [LAUGHS, OUTSIDE, PLAIN_DTD], ids=["entities", "outside", "document type"])
def test_entities_are_refused_in_every_part(name: str, bomb: bytes) -> None:
    assert outcome(with_parts(SOUND, {name: bomb})) == "entities"


def test_a_bomb_of_zeros() -> None:
    assert outcome(with_parts(SOUND, {STRINGS: bytes(30 * MEGABYTE)}, zipfile.ZIP_DEFLATED)) == "unpacks_too_large"


def test_a_bomb_of_many_parts() -> None:
    assert outcome(with_parts(SOUND, {f"xl/media/{n}.png": b"" for n in range(1_200)})) == "too_many_parts"
    assert outcome(with_parts(SOUND, {f"xl/media/{n:0200}.png": b"" for n in range(5_000)})) == "too_many_parts"


def test_a_bomb_that_lies_about_its_size() -> None:
    honest = with_parts(SOUND, {STRINGS: b"<sst>" + b" " * 5 * MEGABYTE + b"</sst>"}, zipfile.ZIP_DEFLATED)
    assert outcome(honest) == "unpacks_too_large"
    liar = bytearray(honest)
    for match in re.finditer(re.escape(STRINGS.encode()), honest):
        for signature, name_at, size_at in ((b"PK\x03\x04", 30, 22), (b"PK\x01\x02", 46, 24)):
            entry = match.start() - name_at
            if honest[entry : entry + 4] == signature:
                liar[entry + size_at : entry + size_at + 4] = struct.pack("<I", 1_000)
    assert outcome(bytes(liar)) == "damaged"


def test_large_archives_and_odd_packing_are_refused() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as target:
        target.writestr("[Content_Types].xml", "x" * 99)
    assert outcome(stream.getvalue()) == "packing"
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for number in range(20_000):
            target.writestr(f"{number:060}", b"")
    assert outcome(stream.getvalue()) == "too_many_parts"


def test_a_locked_part_is_refused() -> None:
    content = bytearray(SOUND)
    for signature, flags_at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        for match in re.finditer(re.escape(signature), SOUND):
            content[match.start() + flags_at] |= 1
    assert outcome(bytes(content)) == "encrypted"


def test_two_parts_of_one_name_are_refused() -> None:
    stream = BytesIO(SOUND)
    with zipfile.ZipFile(stream, "a") as target, pytest.warns(UserWarning, match="Duplicate name"):
        target.writestr(SHEET, SHEET_XML)
    assert outcome(stream.getvalue()) == "damaged"


def test_reading_ends_in_time() -> None:
    assert outcome(SOUND, Limits(seconds=0.0)) == "too_slow"


def test_memory_is_bounded() -> None:
    """A sheet of many megabytes costs no more than what is kept of it."""
    text = "y" * 30_000
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c></row>' for n in range(2_001, 2_700)
    )
    large = SHEET_XML.replace("</sheetData>", f"{rows}</sheetData>").encode()
    assert len(large) > 20_000_000
    content = with_parts(SOUND, {SHEET: large})
    tracemalloc.start()
    found = outcome(content, Limits(seconds=300))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(found, Upload)
    assert not found.problems
    assert peak < 10_000_000


@pytest.mark.parametrize(
    "xml",
    [
        SHEET_XML.replace("<row ", '<row r="1048576" ><c r="XFD1048576"><v>1</v></c></row><row ', 1),
        SHEET_XML.replace("</sheetData>", "</sheetData>" + '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
        SHEET_XML.replace("</sheetData>", "<row><c>" * 5_000 + "</c></row>" * 5_000 + "</sheetData>"),
        SHEET_XML.replace("<sheetData>", f'<sheetData x="{"y" * 3_000_000}">'),
        SHEET_XML.replace(
            "</sheetData>", f'<row><c t="inlineStr"><is><t>{"y" * 3_000_000}</t></is></c></row></sheetData>'
        ),
    ],
    ids=["far away", "all merged", "nested", "long attribute", "long text"],
)
def test_sheets_out_of_proportion(xml: str) -> None:
    generous = Limits(ratio=10**6)
    assert isinstance(outcome(with_parts(SOUND, {SHEET: xml.encode()}), generous), str | Upload)


@pytest.mark.parametrize(
    ("formula", "value", "code"),
    [
        ("1+0.2", "1.2", "taken"),
        ("[1]Sheet1!A1", "1.2", "other_workbook"),
        ("'C:\\deals\\[other.xlsx]Inputs'!C14", "1.2", "other_workbook"),
        ("1+0.2", "", "formula"),
        ("1/0", "#DIV/0!", "error_value"),
    ],
)
def test_formulas_in_input_cells(formula: str, value: str, code: str) -> None:
    kind = 't="e"' if value.startswith("#") else ""
    upload = reading(with_cell("power.pue", kind, f"<f>{escape(formula)}</f><v>{value}</v>"))
    found = [*upload.problems, *upload.remarks]
    assert [(finding.place, finding.code) for finding in found] == [("power.pue", code)]
    assert found[0].where == f"Inputs!{address('power.pue')}"


def test_a_shared_formula_without_text_is_a_formula() -> None:
    upload = reading(with_cell("power.pue", "", '<f t="shared" si="0"/><v>1.2</v>'))
    assert [remark.code for remark in upload.remarks] == ["taken"]


def test_control_characters_never_get_in() -> None:
    upload = reading(with_cell("title", 't="inlineStr"', "<is><t>a_x0000_b</t></is>"))
    assert [problem.code for problem in upload.problems] == ["control"]
    assert upload.title == ""


def test_every_cell_of_a_sound_workbook_is_looked_at() -> None:
    """Each of the cells, broken alone, is told of at its place: none is skipped."""
    for place in PLACES:
        upload = reading(with_cell(place, 't="e"', "<v>#REF!</v>"))
        assert [(p.place, p.where) for p in upload.problems if p.code == "error_value"] == [
            (place, f"Inputs!{address(place)}")
        ]
        assert slot(place).spec.label in upload.problems[0].message


def test_what_is_read_is_what_a_project_may_hold() -> None:
    wide: dict[str, Any] = reading(SOUND).values
    assert wide.keys() >= sound_inputs().keys()


def test_a_string_of_many_empty_parts_is_read_in_time_with_its_length():
    """Each part once: what took 12 seconds for 200,000 of them holds nobody up."""
    many = "<si>" + "<r><t></t></r>" * 200_000 + "</si>"
    hostile = with_parts(SOUND, {STRINGS: part(SOUND, STRINGS).replace(b"<si>", many.encode() + b"<si>", 1)})
    began = time.thread_time()
    outcome(hostile)
    assert time.thread_time() - began < 4.0
