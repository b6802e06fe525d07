"""What stands before any parser: size, kind by content, archives unpacked within limits."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from pathlib import PurePosixPath

from reconciliation.reading.outcome import MEGABYTE, Limits, Refused

SIGNATURES = (
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "GZIP"),
    (b"\xd0\xcf\x11\xe0", "OFFICE"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x7fELF", "PROGRAM"),
    (b"MZ", "PROGRAM"),
)
ARCHIVES = ("ZIP", "GZIP")
MOST_MEMBERS = 10_000
_CHUNK = 64 * 1024
BLANKS = b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"


def kind_of(content: bytes) -> str:
    """The kind that the first bytes tell; empty for text."""
    return next((kind for start, kind in SIGNATURES if content.startswith(start)), "")


def unpacked(name: str, content: bytes, limits: Limits) -> list[tuple[str, bytes]]:
    """The files in an archive, or the file itself; Refused for one that is too large or leaves its folder."""
    require_size(content, limits)
    kind = kind_of(content)
    if kind == "GZIP":
        inner = _gunzipped(content, limits)
        return [(name.removesuffix(".gz"), _no_archive(inner))]
    is_workbook = name.lower().endswith(".xlsx")
    return _unzipped(content, limits) if kind == "ZIP" and not is_workbook else [(name, content)]


def require_size(content: bytes, limits: Limits) -> None:
    """Nothing; Refused for a file that is too large, or holds nothing but blanks."""
    if len(content) > limits.bytes:
        raise Refused("FILE_TOO_LARGE", f"Expected at most {limits.bytes // MEGABYTE} MB.")
    if not content.strip(BLANKS):
        raise Refused("FILE_EMPTY", "The file is empty.")


def require_kind(content: bytes, *expected: str) -> None:
    """Nothing; Refused for a file that is not what its source sends."""
    kind = kind_of(content)
    if kind not in expected:
        raise Refused("FILE_KIND", f"Its content is {kind or 'plain text'}, which this source does not send.")


def _no_archive(content: bytes) -> bytes:
    if kind_of(content) in ARCHIVES:
        raise Refused("ARCHIVE_NESTED", "An archive within an archive is not unpacked.")
    return content


def _too_large(limits: Limits) -> Refused:
    most = limits.bytes // MEGABYTE
    return Refused("ARCHIVE_TOO_LARGE", f"It unpacks to more than {limits.ratio} times its size, or than {most} MB.")


def _gunzipped(content: bytes, limits: Limits) -> bytes:
    allowed = min(limits.bytes, limits.ratio * len(content))
    found = bytearray()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            while chunk := stream.read(_CHUNK):
                found += chunk
                if len(found) > allowed:
                    raise _too_large(limits)
    except (OSError, EOFError, zlib.error):
        raise Refused("ARCHIVE_DAMAGED", "The archive is damaged or was not sent whole.") from None
    return bytes(found)


def _unzipped(content: bytes, limits: Limits) -> list[tuple[str, bytes]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Refused("ARCHIVE_DAMAGED", "The archive is damaged or was not sent whole.") from None
    with archive:
        members = [each for each in archive.infolist() if not each.is_dir()]
        _check_members(members, len(content), limits)
        found, taken = [], 0
        for member in members:
            inner = _member(archive, member, min(limits.bytes, limits.ratio * len(content)) - taken, limits)
            taken += len(inner)
            found.append((PurePosixPath(member.filename).name, _no_archive(inner)))
    return found


def _check_members(members: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    if len(members) > MOST_MEMBERS:
        raise Refused("ARCHIVE_TOO_LARGE", f"It holds more than {MOST_MEMBERS:,} files.")
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in member.filename:
            raise Refused("ARCHIVE_PATH", f"{member.filename[:120]} leaves the folder.", member.filename[:120])
        if member.flag_bits & 1:
            raise Refused("ARCHIVE_LOCKED", "It is protected with a password.")
    if sum(each.file_size for each in members) > min(limits.bytes, limits.ratio * size):
        raise _too_large(limits)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, allowed: int, limits: Limits) -> bytes:
    try:
        with archive.open(member) as stream:
            # What the directory declares may be a lie.
            inner = stream.read(allowed + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError):
        raise Refused("ARCHIVE_DAMAGED", f"{member.filename[:120]} is damaged.", member.filename[:120]) from None
    if len(inner) > allowed:
        raise _too_large(limits)
    return inner
