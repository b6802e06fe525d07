"""Signatures of what is issued: Ed25519 over a pack's manifest, by this installation's key, whose public half the portal publishes."""

from __future__ import annotations

import json
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from documents.archive import MANIFEST, hash_text
from documents.models import ManifestSignature

ALGORITHM = "Ed25519"
_END = b"-----END PUBLIC KEY-----"


def sign(manifest: bytes) -> ManifestSignature:
    """The signature of an issued pack's manifest, kept; the same manifest is signed once."""
    key = _own_key()
    values = {"public_key": _hex(key.public_key()), "signature": key.sign(manifest).hex()}
    row, _ = ManifestSignature.objects.get_or_create(manifest_hash=hash_text(manifest), defaults=values)
    return row


def signature_file(manifest_hash: str) -> bytes:
    """What lies beside the manifest in the ZIP; nothing for a manifest that was never signed."""
    row = ManifestSignature.objects.filter(manifest_hash=manifest_hash).first() if manifest_hash else None
    if row is None:
        return b""
    said = {"algorithm": ALGORITHM, "signed": MANIFEST, "public_key": row.public_key, "signature": row.signature}
    return f"{json.dumps(said, indent=2)}\n".encode()


def published_keys() -> bytes:
    """The public keys as PEM, today's first, then those that signed before it."""
    today = _hex(_own_key().public_key())
    before = ManifestSignature.objects.order_by("-pk").values_list("public_key", flat=True)
    return b"".join(_pem(key) for key in dict.fromkeys((today, *before)))


def keys_in(pem: bytes) -> list[str]:
    """Every Ed25519 key of a PEM file in hex; ValueError where there is none."""
    found = []
    for part in pem.split(_END)[:-1]:
        try:
            key = load_pem_public_key(part.strip() + b"\n" + _END + b"\n")
        except UnsupportedAlgorithm as error:
            raise ValueError(str(error)) from error
        if isinstance(key, Ed25519PublicKey):
            found.append(_hex(key))
    if not found:
        raise ValueError("expected Ed25519 public keys as PEM")
    return found


def signer_of(manifest: bytes, signature: bytes) -> str:
    """The public key in hex whose signature of the manifest this is; ValueError where it is none."""
    try:
        said: Any = json.loads(signature)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(said["public_key"]))
        key.verify(bytes.fromhex(said["signature"]), manifest)
    except InvalidSignature:
        raise ValueError("is not that of the manifest") from None
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"cannot be read: {error}") from error
    return str(said["public_key"]).lower()


def _own_key() -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.ATLASNEXUS_SIGNING_KEY))
    except ValueError:
        sentence = "ATLASNEXUS_SIGNING_KEY: expected 64 hex digits, such as openssl rand -hex 32 prints."
        raise ImproperlyConfigured(sentence) from None


def _hex(key: Ed25519PublicKey) -> str:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def _pem(public_key: str) -> bytes:
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
