"""ZIP archives from outside, opened with limits: what they declare is weighed before anything is unpacked.

Workbooks, documents and plain archives are all of this kind.
"""

import zipfile
import zlib
from dataclasses import dataclass
from typing import IO

from lib.errors import UnreadableFile

MEGABYTE = 1024 * 1024
# What reading a broken archive may raise.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)
_END, _END_LENGTH, _LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535
_LARGE_LOCATOR, _LARGE_LOCATOR_LENGTH = b"PK\x06\x07", 20
_IS_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may hold and take."""

    entries: int = 1_000
    directory_bytes: int = MEGABYTE
    unpacked_bytes: int = 100 * MEGABYTE
    ratio: int = 200  # workbooks of repeated rows reach 60; bombs begin at 1,000
    small_bytes: int = MEGABYTE  # ratios of small parts tell nothing
    seconds: float = 10.0


def open_archive(stream: IO[bytes], limits: Limits) -> zipfile.ZipFile:
    """The archive in the stream; UnreadableFile for one that is broken, locked, or too much to unpack."""
    _weigh_directory(stream, limits)
    try:
        archive = zipfile.ZipFile(stream)
    except BROKEN:
        raise damaged() from None
    entries = archive.infolist()
    if len(entries) > limits.entries:
        raise UnreadableFile("too_many_parts", f"It holds more than {limits.entries:,} files.")
    if sum(entry.file_size for entry in entries) > limits.unpacked_bytes or any(_is_bomb(e, limits) for e in entries):
        raise too_large(limits)
    if any(entry.flag_bits & _IS_ENCRYPTED for entry in entries):
        raise locked()
    if any(entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for entry in entries):
        raise UnreadableFile("packing", "It is packed in an unusual way: pack it again as a plain ZIP.")
    if len({entry.filename for entry in entries}) < len(entries):
        raise UnreadableFile("damaged", "It holds two parts of the same name.")
    return archive


def damaged() -> UnreadableFile:
    """The refusal of a broken file."""
    return UnreadableFile("damaged", "It is damaged or was not sent whole: save it again and send it once more.")


def locked() -> UnreadableFile:
    """The refusal of a file under a password."""
    return UnreadableFile("encrypted", "It is protected with a password: remove the password and save it again.")


def too_large(limits: Limits) -> UnreadableFile:
    """The refusal of a file that unpacks to more than it should."""
    size = limits.unpacked_bytes // MEGABYTE
    return UnreadableFile(
        "unpacks_too_large", f"Unpacked, it would be too large: expected at most {size} MB, evenly packed."
    )


def _is_bomb(entry: zipfile.ZipInfo, limits: Limits) -> bool:
    return entry.file_size > limits.small_bytes and entry.file_size > limits.ratio * max(entry.compress_size, 1)


def _weigh_directory(stream: IO[bytes], limits: Limits) -> None:
    """Looks at the archive's own summary first: a directory of millions of entries would fill the memory."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _END_LENGTH - _LONGEST_COMMENT - _LARGE_LOCATOR_LENGTH))
    tail = stream.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_LENGTH:
        raise damaged()
    directory_bytes = int.from_bytes(tail[place + 12 : place + 16], "little")
    is_large = tail[max(0, place - _LARGE_LOCATOR_LENGTH) : place].startswith(_LARGE_LOCATOR)
    if directory_bytes > limits.directory_bytes or is_large:
        raise UnreadableFile("too_many_parts", f"It holds more than {limits.entries:,} files.")
    stream.seek(0)
