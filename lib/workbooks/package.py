"""A workbook from outside, part by part: nothing is parsed before its declared size is known to be harmless.

Parts are streamed; what is actually unpacked is counted too, because an archive may lie about itself. A document type,
and so any entity, is refused by the parser.
"""

import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Protocol
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, fromstring

from lib.archives import BROKEN, MEGABYTE, Limits, damaged, locked, open_archive, too_large
from lib.errors import UnreadableFile

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CHUNK = 64 * 1024
_CONTENT_TYPES = "[content_types].xml"
_MOST_RELATIONS = 8 * MEGABYTE
# Kinds of relation, as the last word of their address.
_MACROS = ("vbaproject", "macroenabled")
_PROGRAMS = ("oleobject", "control", "activexcontrolbinary")
_DRAWN_IN = ("attachedtemplate", "frame", "subdocument")
TOO_SLOW = "Delete rows and columns beyond the table, with their formats (Clear all), and save it again."
ADVICE = "Download the template, fill it in and save it as an Excel workbook (.xlsx)."


class Target(Protocol):
    """What the parser tells of a part."""

    def start(self, tag: str, attributes: dict[str, str]) -> None: ...

    def end(self, tag: str) -> None: ...

    def data(self, text: str) -> None: ...

    def close(self) -> None: ...


class Skips:
    """A target that may ask to hear nothing until an element ends."""

    skip: Callable[[str], None]


class Enough(Exception):
    """Raised by a target that has seen all it wants of a part."""


@dataclass(slots=True)
class Package:
    """An open workbook: its parts by name, and what is left of its limits."""

    archive: zipfile.ZipFile
    limits: Limits
    deadline: float
    names: Mapping[str, str]
    unpacked_bytes: int = 0

    def parse(self, name: str, target: Target) -> None:
        """Streams one part to the target, whatever case its name is in; a part that is not there tells nothing."""
        if (stored := self.names.get(name.casefold())) is None:
            return
        # With a target of its own the parser builds no tree.
        parser = DefusedXMLParser(target=target, forbid_dtd=True)
        _hear_directly(parser.parser, target)
        try:
            for chunk in self._chunks(stored):
                parser.feed(chunk)
            parser.close()
        except Enough:
            return
        except DefusedXmlException:
            raise unreadable("entities", "It declares XML entities, which no workbook needs.") from None
        except (ParseError, ValueError, LookupError):
            raise unreadable("damaged", f"Its part {name[:80]} is damaged.") from None

    def _chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self.archive.open(name) as stream:
                while chunk := stream.read(_CHUNK):
                    self._count(len(chunk))
                    yield chunk
        except BROKEN:
            raise advised(damaged()) from None

    def _count(self, size: int) -> None:
        self.unpacked_bytes += size
        # Strings are read twice, no part more often.
        if self.unpacked_bytes > 2 * self.limits.unpacked_bytes:
            raise advised(too_large(self.limits))
        # Of this thread's own work: a busy server refuses no more than an idle one.
        if time.thread_time() > self.deadline:
            raise unreadable("too_slow", f"Reading it took more than {self.limits.seconds:g} seconds. {TOO_SLOW}")


def _hear_directly(parser: Any, target: Target) -> None:
    """Local names and plain attributes straight from the parser; a target may skip to the end of an element."""

    def start(tag: str, attributes: dict[str, str]) -> None:
        target.start(tag.rpartition("}")[2], attributes)

    def end(tag: str) -> None:
        target.end(tag.rpartition("}")[2])

    def hear() -> None:
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, target.data

    def skip(local: str) -> None:
        """Parses on at the parser's own speed until the element ends."""
        ending = f"}}{local}"

        def passed(tag: str) -> None:
            if tag.endswith(ending) or tag == local:
                hear()
                end(tag)

        parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = None, None, passed

    parser.ordered_attributes = False
    parser.DefaultHandlerExpand = None
    hear()
    if isinstance(target, Skips):
        target.skip = skip


def open_package(stream: IO[bytes], limits: Limits | None = None) -> Package:
    """The workbook in the stream; UnreadableFile with advice for anything that is none or is not safe to read."""
    limits = limits or Limits()
    _refuse_other_formats(stream)
    try:
        archive = open_archive(stream, limits)
    except UnreadableFile as error:
        raise advised(error) from None
    names = {name.casefold(): name for name in archive.namelist()}
    if len(names) < len(archive.namelist()):
        raise unreadable("damaged", "It holds two parts of the same name.")
    _refuse_other_contents(archive, names)
    return Package(archive, limits, time.thread_time() + limits.seconds, names)


def unreadable(code: str, sentence: str) -> UnreadableFile:
    """The refusal of a whole workbook, with what to do."""
    return UnreadableFile(code, sentence, ADVICE)


def advised(error: UnreadableFile) -> UnreadableFile:
    """The same refusal, with what to do."""
    return unreadable(error.code, error.sentence)


def _refuse_other_formats(stream: IO[bytes]) -> None:
    stream.seek(0)
    content = stream.read(8)
    if content.startswith(b"PK"):
        return
    if content == _OLD_OFFICE:
        if _ENCRYPTED in stream.read():
            raise advised(locked())
        raise unreadable("old_format", "It is in the old Excel format (.xls): save it as .xlsx.")
    if not content:
        raise unreadable("empty", "It is empty.")
    if _is_text(content + stream.read(_CHUNK)):
        raise unreadable("text", "It is plain text, such as CSV, which has no cells to tell fields by.")
    raise unreadable("not_a_workbook", "It is not an Excel workbook.")


def _is_text(content: bytes) -> bool:
    return not any(byte < 9 for byte in content)


def _refuse_other_contents(archive: zipfile.ZipFile, names: Mapping[str, str]) -> None:
    if has_macros(archive):
        raise unreadable("macros", "It contains macros, which are never accepted: save it without them.")
    types = content_types(archive).lower()
    if "xl/workbook.bin" in names or b"sheet.binary" in types:
        raise unreadable("binary_format", "It is in the binary Excel format (.xlsb): save it as .xlsx.")
    if "mimetype" in names and "content.xml" in names:
        raise unreadable("open_document", "It is in the OpenDocument format (.ods): save it as .xlsx.")
    if b"spreadsheetml" not in types:
        raise unreadable("not_a_workbook", "It is an archive, but not an Excel workbook.")


def has_macros(archive: zipfile.ZipFile) -> bool:
    """True for an Office document that carries or declares macros, whatever their part is called."""
    has_part = any(name.lower().endswith("vbaproject.bin") for name in archive.namelist())
    types = content_types(archive).lower()
    return (
        has_part
        or any(each.encode() in types for each in _MACROS)
        or any(kind in _MACROS for kind, _ in _relations(archive))
    )


def has_foreign_programs(archive: zipfile.ZipFile) -> bool:
    """True for an Office document with an embedded object or control of another program, or a template or frame elsewhere."""
    return any(kind in _PROGRAMS or (is_elsewhere and kind in _DRAWN_IN) for kind, is_elsewhere in _relations(archive))


def _relations(archive: zipfile.ZipFile) -> Iterator[tuple[str, bool]]:
    """What each part of the document refers to, by kind in small letters, and whether it lies elsewhere."""
    for name in archive.namelist():
        if not name.lower().endswith(".rels"):
            continue
        try:
            with archive.open(name) as stream:
                root = fromstring(stream.read(_MOST_RELATIONS))
        except DefusedXmlException:
            raise unreadable("entities", "It declares XML entities, which no document needs.") from None
        except (*BROKEN, ParseError):
            raise advised(damaged()) from None
        for element in root:
            kind = element.get("Type", "").rpartition("/")[2].lower()
            yield kind, element.get("TargetMode", "").lower() == "external"


def content_types(archive: zipfile.ZipFile) -> bytes:
    """What an Office document says of its parts; empty for other archives."""
    stored = next((name for name in archive.namelist() if name.casefold() == _CONTENT_TYPES), None)
    if stored is None:
        return b""
    try:
        with archive.open(stored) as stream:
            return stream.read(MEGABYTE)
    except BROKEN:
        raise advised(damaged()) from None
