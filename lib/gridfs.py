"""MongoDB as a place for files: GridFS behind Django's storage interface, for those who keep files there."""

from __future__ import annotations

from functools import cached_property
from typing import IO, Any, cast

from django.core.files.base import File
from django.core.files.storage import Storage
from django.core.files.utils import validate_file_name
from django.utils.deconstruct import deconstructible
from gridfs import GridFS, GridOut, NoFile
from pymongo import MongoClient
from pymongo.uri_parser import parse_uri

DATABASE = "atlasnexus"


@deconstructible
class GridFSStorage(Storage):
    """Files in one GridFS bucket of the database the URL names, `atlasnexus` where it names none.

    A name holds one file: GridFS would keep every revision, so the older ones go when a name is written again.
    """

    def __init__(self, url: str, bucket: str) -> None:
        self.address, self.bucket_name = url, bucket

    @cached_property
    def files(self) -> GridFS:
        """The bucket; its client connects on first use."""
        client: MongoClient[dict[str, Any]] = MongoClient(self.address, appname="atlasnexus")
        return GridFS(client[parse_uri(self.address)["database"] or DATABASE], self.bucket_name)

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError(f"{name}: expected mode rb, got {mode}; files are written by save")
        return File(cast("IO[bytes]", self._latest(name)), name)

    def _save(self, name: str, content: File[bytes]) -> str:
        older = self._revisions(name)
        content.seek(0)
        self.files.put(content, filename=name)
        for revision in older:
            self.files.delete(revision)
        return name

    def delete(self, name: str) -> None:
        """Nothing; a file that is not there is no fault."""
        for revision in self._revisions(name):
            self.files.delete(revision)

    def exists(self, name: str) -> bool:
        """True where a file of this name lies."""
        return bool(self._revisions(name))

    def size(self, name: str) -> int:
        """Bytes; raises FileNotFoundError."""
        return int(self._latest(name).length)

    def _latest(self, name: str) -> GridOut:
        try:
            return self.files.get_last_version(_plain(name))
        except NoFile:
            raise FileNotFoundError(name) from None

    def _revisions(self, name: str) -> list[Any]:
        return [found._id for found in self.files.find({"filename": _plain(name)})]


def _plain(name: str) -> str:
    """The name with forward slashes; raises SuspiciousFileOperation for one that climbs out."""
    plain = name.replace("\\", "/")
    validate_file_name(plain, allow_relative_path=True)
    return plain
