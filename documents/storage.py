"""Where documents and templates lie: once for each SHA-256, in the storage named "documents"."""

from io import BytesIO

from accounts.errors import NotFound
from projects.attachments.storage import hash_of, keep, open_content

ALIAS = "documents"


def keep_content(content: bytes) -> str:
    """The SHA-256 under which the content lies from now on."""
    stream = BytesIO(content)
    content_hash, _ = hash_of(stream)
    keep(stream, content_hash, ALIAS)
    return content_hash


def content_of(content_hash: str) -> bytes:
    """The content of this hash; NotFound where the storage lost it."""
    try:
        with open_content(content_hash, ALIAS) as stream:
            return stream.read()
    except FileNotFoundError:
        raise NotFound("The content of this document is missing in the storage: tell the administrator.") from None
