"""Places that files are fetched from: what is said of one, its secret, and the contract that every kind keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Protocol

from django.conf import settings

from lib.reach import Unreachable

# More names than these nobody looks through.
MOST_LISTED = 10_000
NAME_LENGTH = 255
# What programs call a file that they are still writing.
UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".swp")


@dataclass(frozen=True, slots=True)
class Found:
    """A file that lies at a place; another `stamp` means that it was written since."""

    name: str
    size_bytes: int
    stamp: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where files lie, as somebody typed it, and the file with the secret that opens it: a password or a private key."""

    host: str
    port: int
    is_tls: bool
    region: str
    bucket: str
    user: str
    host_key: str
    folder: str
    done_folder: str
    secret: Path


class Place(Protocol):
    """An open place. Every method raises Unreachable with a sentence where the other side refuses or is gone."""

    def files(self) -> Iterator[Found]:
        """The files that lie there, none of its folders."""

    def read(self, found: Found) -> bytes:
        """The bytes; Changed where they are no longer those that were found."""

    def put_aside(self, found: Found, name: str) -> None:
        """The file lies in the folder of what is done, under another name."""

    def write(self, name: str, content: bytes) -> None:
        """The file lies there whole, in the place of an earlier one of its name."""


class Changed(Exception):
    """A file is still being written: it is left for the next time."""


def is_wanted(name: str, pattern: str) -> bool:
    """True of a plain name of the pattern that nobody is still writing to.

    >>> [is_wanted(name, "*.csv") for name in ("day.csv", ".day.csv", "../day.csv", "day.csv.part")]
    [True, False, False, False]
    """
    if name.startswith(".") or "/" in name or "\\" in name or not name.isprintable() or len(name) > NAME_LENGTH:
        return False
    return not name.lower().endswith(UNFINISHED) and fnmatchcase(name.lower(), (pattern or "*").lower())


def secret_path(user: str, host: str) -> Path:
    """The file of the secret, which holds for one user of one host: nobody can have it sent to another."""
    return Path(settings.ATLASNEXUS_SECRETS_FOLDER or "/nowhere") / f"{user}@{host}"


def secret_text(spot: Spot) -> str:
    """The secret; Unreachable where the operator has laid none."""
    if not settings.ATLASNEXUS_SECRETS_FOLDER:
        raise Unreachable("No folder of secrets is set up: the administrator names one in ATLASNEXUS_SECRETS_FOLDER.")
    try:
        return spot.secret.read_text().strip()
    except (OSError, ValueError):
        said = "has no readable secret: the administrator lays a file of this name into the folder of secrets."
        raise Unreachable(f"{spot.secret.name} {said}") from None
