"""Whether a file is what its name claims, by its content."""

import codecs
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import puremagic

from lib.archives import MEGABYTE, Limits, open_archive
from lib.errors import UnreadableFile
from lib.workbooks.package import content_types, has_foreign_programs, has_macros
from projects.attachments.names import suffix_of

_CHUNK = 64 * 1024
_HEAD = 4096
ARCHIVES = Limits(entries=5_000, unpacked_bytes=500 * MEGABYTE)
_TEXT_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r\x0b\x0c\x1a\x1b")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

Check = Callable[[IO[bytes]], bool]


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that may be kept: how it is named and sent, and how its content is known."""

    suffix: str
    label: str
    content_type: str
    is_kind: Check


def check_content(name: str, stream: IO[bytes], allowed: list[str]) -> FileKind:
    """The kind of the file; UnreadableFile when it may not be kept, or is not what its name claims."""
    suffix = suffix_of(name)
    if suffix not in allowed or suffix not in KINDS:
        got = f".{suffix}" if suffix else "a name without an ending"
        raise UnreadableFile("type_not_allowed", f"Expected one of {', '.join(allowed)}, got {got}.")
    kind = KINDS[suffix]
    stream.seek(0)
    is_kind = kind.is_kind(stream)
    stream.seek(0)
    if not is_kind:
        raise UnreadableFile(
            "not_what_it_claims", f"Expected {kind.label} by its name; its content is {_looks(stream)}."
        )
    return kind


def _starts(*signatures: bytes) -> Check:
    return lambda stream: stream.read(_HEAD).startswith(signatures)


def _is_pdf(stream: IO[bytes]) -> bool:
    # Readers accept what stands before the mark, up to a kilobyte.
    return b"%PDF-" in stream.read(1024)


def _is_webp(stream: IO[bytes]) -> bool:
    head = stream.read(12)
    return head[:4] == b"RIFF" and head[8:] == b"WEBP"


def _is_text(stream: IO[bytes]) -> bool:
    """Text in UTF-8 or UTF-16, or in a code page of one byte a sign, as spreadsheet programs still write."""
    head = stream.read(4)
    encoding = next((name for mark, name in _MARKS.items() if head.startswith(mark)), "")
    stream.seek(0)
    return _decodes(stream, encoding) if encoding == "utf-16" else _has_no_controls(stream)


def _decodes(stream: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := stream.read(_CHUNK):
            if "\x00" in decoder.decode(chunk):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _has_no_controls(stream: IO[bytes]) -> bool:
    while chunk := stream.read(_CHUNK):
        if len(chunk.translate(None, _TEXT_CONTROLS)) < len(chunk):
            return False
    return True


def _office(main_part: bytes) -> Check:
    def is_kind(stream: IO[bytes]) -> bool:
        archive = _archive(stream)
        if archive is None:
            return False
        if has_macros(archive):
            raise UnreadableFile("macros", "It contains macros, which are never accepted: save it without them.")
        if has_foreign_programs(archive):
            sentence = (
                "It contains an object or a control of another program, or draws a template from elsewhere, which is never "
                "accepted: save it without them."
            )
            raise UnreadableFile("foreign_programs", sentence)
        return main_part in content_types(archive)

    return is_kind


def _is_archive(stream: IO[bytes]) -> bool:
    return _archive(stream) is not None


def _archive(stream: IO[bytes]) -> zipfile.ZipFile | None:
    if not stream.read(4).startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return None
    return open_archive(stream, ARCHIVES)


def _looks(stream: IO[bytes]) -> str:
    """What the content looks like, in words."""
    head = stream.read(_HEAD)
    stream.seek(0)
    if not head:
        return "empty"
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return "of an unknown kind"
    return f"that of a file .{found[0].extension.lstrip('.')}" if found and found[0].extension else "of an unknown kind"


_OFFICE_TYPE = "application/vnd.openxmlformats-officedocument"
KINDS: dict[str, FileKind] = {
    kind.suffix: kind
    for kind in (
        FileKind("pdf", "a PDF document", "application/pdf", _is_pdf),
        FileKind("docx", "a Word document", f"{_OFFICE_TYPE}.wordprocessingml.document",
                 _office(b"wordprocessingml.document.main+xml")),
        FileKind("xlsx", "an Excel workbook", f"{_OFFICE_TYPE}.spreadsheetml.sheet",
                 _office(b"spreadsheetml.sheet.main+xml")),
        FileKind("pptx", "a PowerPoint presentation", f"{_OFFICE_TYPE}.presentationml.presentation",
                 _office(b"presentationml.presentation.main+xml")),
        FileKind("png", "a PNG picture", "image/png", _starts(b"\x89PNG\r\n\x1a\n")),
        FileKind("jpg", "a JPEG picture", "image/jpeg", _starts(b"\xff\xd8\xff")),
        FileKind("jpeg", "a JPEG picture", "image/jpeg", _starts(b"\xff\xd8\xff")),
        FileKind("webp", "a WebP picture", "image/webp", _is_webp),
        FileKind("csv", "text", "text/csv; charset=utf-8", _is_text),
        FileKind("txt", "text", "text/plain; charset=utf-8", _is_text),
        FileKind("zip", "a ZIP archive", "application/zip", _is_archive),
    )
}  # fmt: skip
