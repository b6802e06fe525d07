"""Files in MongoDB. No server can be had here: the same GridFS calls run against an in-memory one."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import mongomock
import pytest
from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.files.base import ContentFile
from mongomock.gridfs import enable_gridfs_integration

from lib.file_storages import private_storage
from lib.gridfs import GridFSStorage

URL = "mongodb://localhost:27017/structuring"


@pytest.fixture
def storage() -> Iterator[GridFSStorage]:
    enable_gridfs_integration()
    with patch("lib.gridfs.MongoClient", mongomock.MongoClient):
        yield GridFSStorage(URL, "attachments")


def test_a_file_comes_back_byte_for_byte(storage: GridFSStorage):
    content = bytes(range(256)) * 4_000
    name = storage.save("ab/cd.bin", ContentFile(content))
    with storage.open(name) as found:
        assert found.read() == content
    assert storage.size(name) == len(content)


def test_a_name_holds_one_file(storage: GridFSStorage):
    storage._save("name", ContentFile(b"first"))
    storage._save("name", ContentFile(b"second"))
    with storage.open("name") as found:
        assert found.read() == b"second"
    storage.delete("name")
    assert not storage.exists("name")


def test_save_takes_a_free_name(storage: GridFSStorage):
    storage.save("name.txt", ContentFile(b"first"))
    other = storage.save("name.txt", ContentFile(b"second"))
    assert other != "name.txt"
    with storage.open("name.txt") as found:
        assert found.read() == b"first"


def test_what_is_not_there_is_not_found(storage: GridFSStorage):
    assert not storage.exists("nowhere")
    storage.delete("nowhere")
    for ask in (storage.open, storage.size):
        with pytest.raises(FileNotFoundError):
            ask("nowhere")


def test_buckets_do_not_meet(storage: GridFSStorage):
    storage.save("name", ContentFile(b"attachment"))
    assert not GridFSStorage(URL, "runs").exists("name")


@pytest.mark.parametrize("name", ["../secret", "a/../../secret"])
def test_a_name_does_not_climb(storage: GridFSStorage, name: str):
    with pytest.raises(SuspiciousFileOperation):
        storage.exists(name)


def test_the_url_decides(tmp_path: Path):
    assert private_storage("attachments", "", tmp_path)["OPTIONS"]["location"] == str(tmp_path / "attachments")
    assert private_storage("attachments", URL, tmp_path)["OPTIONS"] == {"url": URL, "bucket": "attachments"}
    with pytest.raises(ImproperlyConfigured, match="mongodb://"):
        private_storage("attachments", "ftp://host", tmp_path)
