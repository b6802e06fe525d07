"""Where a record stands in the bytes of its file: line or path, byte offset and length, and what is written there."""

from __future__ import annotations

import csv
import io
import json
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from xml.parsers import expat

from lxml import etree

from reconciliation.reading.documents import fields_of
from reconciliation.reading.fpml import TRADES
from reconciliation.reading.mapping import Layout
from reconciliation.reading.outcome import Refused
from reconciliation.reading.reading import Setting
from reconciliation.reading.rows import sheet_lines
from reconciliation.reading.xml import local, parsed

BLANKS = " \t\r\n"
# Byte order marks, with the encoding of what stands behind them.
MARKS = ((BOM_UTF8, "utf-8"), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"))
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A record's place; `offset` and `length` count bytes, and are None where a file packs its bytes (workbook, PDF)."""

    path: str
    raw: str
    line: int | None = None
    offset: int | None = None
    length: int | None = None


def places_of(content: bytes, setting: Setting, numbers: Collection[int]) -> Mapping[int, Place]:
    """The places of records by the number in their name; those that are not found are left out."""
    layout = setting.layout
    if setting.format == "document":
        return _of_document(content, setting, numbers)
    if setting.format == "fix":
        return _of_messages(content, numbers)
    if layout is None or setting.format in {"fpml", "fixml"} or layout.layout == "xml":
        return _of_elements(content, setting, numbers)
    readers = {"csv": _of_rows, "xlsx": _of_cells, "json": _of_objects}
    return readers[layout.layout](content, layout, numbers)


def _of_rows(content: bytes, layout: Layout, numbers: Collection[int]) -> dict[int, Place]:
    """A row by the line on which it ends; quoted cells may hold several lines."""
    text, start, encoding = _decoded(content, layout.encoding)
    lines = list(io.StringIO(text, newline=""))
    ends = [start, *(start + size for size in accumulate(len(line.encode(encoding)) for line in lines))]
    reader = csv.reader(lines, delimiter=layout.delimiter or ",", strict=True)
    found, before = {}, 0
    for _ in reader:
        if reader.line_num in numbers:
            found[reader.line_num] = _at_line(content, encoding, before + 1, (ends[before], ends[reader.line_num]))
        before = reader.line_num
    return found


def _of_messages(content: bytes, numbers: Collection[int]) -> dict[int, Place]:
    """A message a line; blank ones are not counted."""
    lines = content.decode("ascii").splitlines(keepends=True)
    spans = pairwise([0, *accumulate(len(line) for line in lines)])
    full = [(at, span) for at, (line, span) in enumerate(zip(lines, spans, strict=True), start=1) if line.strip()]
    return {
        number: _at_line(content, "ascii", line, span)
        for number, (line, span) in enumerate(full, start=1)
        if number in numbers
    }


def _at_line(content: bytes, encoding: str, line: int, span: Span) -> Place:
    raw = content[slice(*span)].decode(encoding).rstrip("\r\n")
    return Place(f"line {line}", raw, line, span[0], len(raw.encode(encoding)))


def _of_elements(content: bytes, setting: Setting, numbers: Collection[int]) -> dict[int, Place]:
    """An element a record: lxml finds which one it is, expat where its bytes begin and end."""
    root = parsed(content, setting.limits)
    order = {each: at for at, each in enumerate(root.iter(etree.Element))}
    spans, found = _spans(content), {}
    for number, element in enumerate(_records(root, setting), start=1):
        if number in numbers:
            begin, end = spans[order[element]]
            raw = content[begin:end].decode(_encoding_of(root, content), errors="replace")
            found[number] = Place(_plain_path(element), raw, element.sourceline, begin, end - begin)
    return found


def _records(root: etree._Element, setting: Setting) -> Iterable[etree._Element]:
    if setting.format == "fpml":
        return list(TRADES(root))
    if setting.format == "fixml":
        return [each for each in root.iter(etree.Element) if local(each) == "TrdCaptRpt"]
    found = etree.XPath(setting.layout.record, regexp=False)(root) if setting.layout else []
    return [each for each in found if isinstance(each, etree._Element)] if isinstance(found, list) else []


def _plain_path(element: etree._Element) -> str:
    """Names from the root on, each with its number where several of it stand side by side."""
    steps = []
    for each in (element, *element.iterancestors()):
        before = sum(1 for other in each.itersiblings(preceding=True) if other.tag == each.tag)
        alike = before or any(other.tag == each.tag for other in each.itersiblings())
        steps.append(f"{local(each)}[{before + 1}]" if alike else local(each))
    return "/" + "/".join(reversed(steps))


def _encoding_of(root: etree._Element, content: bytes) -> str:
    marked = next((name for mark, name in MARKS if content.startswith(mark)), "")
    return marked or root.getroottree().docinfo.encoding or "utf-8"


def _spans(content: bytes) -> list[Span]:
    """Begin and end of every element, in the order in which they begin."""
    spans: list[Span] = []
    is_open: list[int] = []
    parser = expat.ParserCreate()

    def start(_: str, __: object) -> None:
        is_open.append(len(spans))
        spans.append((parser.CurrentByteIndex, 0))

    def end(_: str) -> None:
        at = is_open.pop()
        begin = spans[at][0]
        behind = _behind_tag(content, begin)
        is_empty = content[begin:behind].replace(b"\x00", b"").endswith(b"/>")
        spans[at] = (begin, behind if is_empty else _behind_tag(content, parser.CurrentByteIndex))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(content, True)
    return spans


def _behind_tag(content: bytes, at: int) -> int:
    """The byte behind the tag that begins here, which may hold > between quotes."""
    quote = b""
    while at < len(content):
        letter = content[at : at + 1]
        if quote:
            quote = b"" if letter == quote else quote
        elif letter in {b'"', b"'"}:
            quote = letter
        elif letter == b">":
            return at + (2 if content.startswith(BOM_UTF16_LE) else 1)
        at += 1
    return at


def _of_objects(content: bytes, layout: Layout, numbers: Collection[int]) -> dict[int, Place]:
    """An object a record, in the list that the mapping's path leads to."""
    text, start, encoding = _decoded(content, "utf-8")
    at: int | None = 0
    for name in (each for each in layout.record.split(".") if each):
        at = dict(_values(text, at or 0)).get(name)
        if at is None:
            return {}
    found = {}
    for number, (_, begin) in enumerate(_values(text, at or 0), start=1):
        if number in numbers:
            end = _DECODER.raw_decode(text, begin)[1]
            offset, raw = start + len(text[:begin].encode(encoding)), text[begin:end]
            path = f"{layout.record or '$'}[{number - 1}]"
            found[number] = Place(path, raw, text.count("\n", 0, begin) + 1, offset, len(raw.encode(encoding)))
    return found


_DECODER = json.JSONDecoder()


def _values(text: str, at: int) -> list[tuple[str, int]]:
    """What an object or a list holds: each name, empty in a list, and where its value begins."""
    at = _behind(text, at, BLANKS)
    is_object, found = text[at] == "{", []
    at = _behind(text, at + 1, BLANKS)
    while text[at] not in "}]":
        name = ""
        if is_object:
            name, at = _DECODER.raw_decode(text, at)
            at = _behind(text, at, BLANKS + ":")
        found.append((name, at))
        at = _behind(text, _DECODER.raw_decode(text, at)[1], BLANKS + ",")
    return found


def _behind(text: str, at: int, letters: str) -> int:
    while text[at] in letters:
        at += 1
    return at


def _of_cells(content: bytes, layout: Layout, numbers: Collection[int]) -> dict[int, Place]:
    """A row of a workbook, its cells with tabs between them."""
    sheet = layout.record or "first sheet"
    return {
        number: Place(f"{sheet}, row {number}", "\t".join(cells), number)
        for number, cells in sheet_lines(content, layout.record)
        if number in numbers
    }


def _of_document(content: bytes, setting: Setting, numbers: Collection[int]) -> dict[int, Place]:
    """The lines of a confirmation, each with its page and where it stands on it in points."""
    lines = [
        f"page {each.page} ({', '.join(f'{side:.0f}' for side in each.place)}): {each.label} {each.text}".strip()
        for each in fields_of(content, setting.labels)
    ]
    return {1: Place("page 1", "\n".join(lines))} if 1 in numbers else {}


def _decoded(content: bytes, encoding: str) -> tuple[str, int, str]:
    """The text behind a byte order mark, how many bytes that takes, and the encoding of the rest."""
    for mark, name in MARKS:
        if content.startswith(mark) and encoding.lower().replace("_", "-").startswith((name[:5], name[:4])):
            return content[len(mark) :].decode(name), len(mark), name
    return content.decode(encoding), 0, encoding


# What a file that was read once cannot be read by any more: its source was set up anew since.
NOT_FOUND = (Refused, expat.ExpatError, UnicodeDecodeError, LookupError, ValueError, csv.Error, etree.XPathError)
