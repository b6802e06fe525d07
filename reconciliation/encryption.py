"""Files locked for those who take them: a ZIP under AES-256, or OpenPGP to a public key.

PGP is the program gpg (Debian's gnupg), called and not linked; where it is missing, that is said. It works in a folder of
its own for each file, with no key but the recipient's.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyzipper
from django.utils import timezone

from accounts.sealing import decrypt
from lib.errors import Invalid
from lib.verbs import refuse
from reconciliation.models import Encryption, Recipient

SHORTEST_PASSPHRASE, LONGEST_KEY = 12, 200_000
SECONDS = 120
BEGIN = "-----BEGIN PGP PUBLIC KEY BLOCK-----"


def locked(name: str, content: bytes, recipient: Recipient | None) -> tuple[str, bytes]:
    """Name and bytes as they leave the house; Invalid where they cannot be locked: nothing leaves open instead."""
    if recipient is None:
        return name, content
    if not recipient.is_active or (recipient.expires_at and recipient.expires_at <= timezone.now()):
        raise refuse("recipient", "recipient", f"{recipient}: the key has ended. Ask them for a new one.")
    secret = decrypt(recipient.secret)
    if recipient.method == Encryption.PGP:
        return f"{name}.gpg", _by_pgp(content, secret)
    # An encrypted ZIP shows the names of its parts: an archive becomes one part of it.
    return f"{name.removesuffix('.zip')}.locked.zip", _by_zip(name, content, secret)


def _by_zip(name: str, content: bytes, passphrase: str) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(passphrase.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        archive.writestr(name, content)
    return out.getvalue()


def _by_pgp(content: bytes, key: str) -> bytes:
    with TemporaryDirectory() as home:
        path = Path(home, "recipient.asc")
        path.write_text(key)
        return _gpg(home, content, "--trust-model", "always", "--cipher-algo", "AES256", "--recipient-file", str(path), "--encrypt")  # fmt: skip


def key_of(text: str) -> tuple[str, datetime | None]:
    """Fingerprint and end of a public key that files can be locked to; Invalid for anything else."""
    if not text.lstrip().startswith(BEGIN) or len(text) > LONGEST_KEY:
        raise refuse("key", "secret", f"Key: expected a public key as text, which begins with {BEGIN}")
    with TemporaryDirectory() as home:
        shown = _gpg(home, text.encode(), "--with-colons", "--import-options", "show-only", "--import").decode()
    lines = [line.split(":") for line in shown.splitlines()]
    keys = [line for line in lines if line[0] == "pub"]
    # Field 12 in capitals: what the whole key can do.
    if len(keys) != 1 or "E" not in keys[0][11] or keys[0][1] in {"e", "r", "i"}:
        raise refuse("key", "secret", "Key: expected one public key that is in force and encrypts.")
    fingerprint = next(line[9] for line in lines if line[0] == "fpr")
    return fingerprint, datetime.fromtimestamp(int(keys[0][6]), UTC) if keys[0][6] else None


def _gpg(home: str, content: bytes, *options: str) -> bytes:
    program = shutil.which("gpg")
    if program is None:
        raise _failed("The program gpg is missing: the administrator installs it (Debian: gnupg).")
    command = [program, "--homedir", home, "--batch", "--no-tty", "--no-autostart", *options]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise _failed("gpg did not answer in time.") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise _failed(f"gpg cannot lock with this key: {said[-1] if said else 'it does not say why'}"[:300])
    return done.stdout


def _failed(sentence: str) -> Invalid:
    return refuse("pgp", "secret", sentence)
