"""Secrets lie encrypted in the database; its backups alone give none."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def encrypt(text: str) -> str:
    """The text, readable again only with this installation's key."""
    return seal(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """The text that was encrypted, by the present key or an earlier one (SECRET_KEY_FALLBACKS)."""
    return unseal(encrypted.encode()).decode()


def seal(content: bytes) -> bytes:
    """The bytes, encrypted."""
    return _cipher().encrypt(content)


def unseal(sealed: bytes) -> bytes:
    """The bytes that were sealed."""
    return _cipher().decrypt(sealed)


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(_key(str(secret))) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> bytes:
    return urlsafe_b64encode(sha256(b"atlasnexus one-time passwords\0" + secret.encode()).digest())
