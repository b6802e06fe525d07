"""A pack is what was issued: every file against the manifest, the manifest against the platform's record."""

from __future__ import annotations

import json
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

from atlasnexus_client.errors import NotVerified

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"


def verified_files(archive: bytes, manifest_hash: str) -> dict[str, bytes]:
    """The files of an archive by name; NotVerified where one is not what the manifest says, missing or one too many."""
    with ZipFile(BytesIO(archive)) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    manifest = files.pop(MANIFEST, b"")
    files.pop(SIGNATURE, None)  # of the manifest: `verify_pack --keys` of the platform judges it
    if sha256(manifest).hexdigest() != manifest_hash:
        raise NotVerified("The manifest is another than the one that was issued.")
    expected = {each["file"]: each["sha256"] for each in json.loads(manifest)["files"]}
    wrong = {name for name in expected.keys() | files.keys() if _hash(files.get(name)) != expected.get(name)}
    if wrong:
        raise NotVerified(f"Not as issued: {', '.join(sorted(wrong))}.")
    return files


def _hash(content: bytes | None) -> str:
    return "" if content is None else sha256(content).hexdigest()
