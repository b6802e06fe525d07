"""Where contents lie: once for each SHA-256, in a storage named by its alias ("attachments", "documents").

By default folders of the data folder, which the web server never serves; by setting any Django storage, such as S3.
"""

from hashlib import sha256
from io import BytesIO
from typing import IO

from django.core.files import File
from django.core.files.storage import Storage, storages

from lib.errors import NotFound

ATTACHMENTS, DOCUMENTS = "attachments", "documents"
_CHUNK = 1024 * 1024


def content_storage(alias: str = ATTACHMENTS) -> Storage:
    """The storage of the settings."""
    return storages[alias]


def hash_of(stream: IO[bytes]) -> tuple[str, int]:
    """SHA-256 in hex and the length of what is in the stream."""
    digest, size = sha256(), 0
    stream.seek(0)
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    stream.seek(0)
    return digest.hexdigest(), size


def keep(stream: IO[bytes], content_hash: str, alias: str = ATTACHMENTS) -> None:
    """The content stored under its hash; what is there already is the same."""
    storage, path = content_storage(alias), path_of(content_hash)
    if storage.exists(path):
        return
    stream.seek(0)
    stored = storage.save(path, File(stream))
    if stored != path:  # somebody stored the same content meanwhile
        storage.delete(stored)


def open_content(content_hash: str, alias: str = ATTACHMENTS) -> IO[bytes]:
    """The stored content, to be read and closed."""
    return content_storage(alias).open(path_of(content_hash), "rb")


def path_of(content_hash: str) -> str:
    """The path in the storage: two levels of folders, so that none grows too long."""
    return f"{content_hash[:2]}/{content_hash[2:4]}/{content_hash}"


def keep_content(content: bytes, alias: str = DOCUMENTS) -> str:
    """The SHA-256 under which the content lies from now on."""
    stream = BytesIO(content)
    content_hash, _ = hash_of(stream)
    keep(stream, content_hash, alias)
    return content_hash


def content_of(content_hash: str, alias: str = DOCUMENTS, most_bytes: int = -1) -> bytes:
    """The content of this hash, or no more than its first bytes; NotFound where the storage lost it."""
    try:
        with open_content(content_hash, alias) as stream:
            return stream.read(most_bytes)
    except FileNotFoundError:
        raise NotFound("The content of this document is missing in the storage: tell the administrator.") from None
