"""Whether the ZIP of a pack is what its manifest says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from documents.archive import MANIFEST, SIGNATURE
from documents.signatures import signer_of
from lib.archives import BROKEN, MEGABYTE, Limits, open_archive
from lib.errors import UnreadableFile

LIMITS = Limits(unpacked_bytes=1_000 * MEGABYTE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the manifest says of the pack, in lines, and whatever does not agree with it."""

    lines: tuple[str, ...]
    problems: tuple[str, ...]
    manifest_sha256: str = ""
    signer: str = ""  # the public key, in hex, that signed the manifest; nothing where none did


def check_pack(content: bytes, manifest_sha256: str = "") -> Verdict:
    """The verdict on an archive; `manifest_sha256`, where given, is what its manifest must hash to."""
    try:
        archive = open_archive(BytesIO(content), LIMITS)
        manifest = archive.read(MANIFEST)
        said = json.loads(manifest)
        signer, unsigned = _signer(archive, manifest)
        problems = (*_hash_problems(manifest, manifest_sha256), *unsigned, *_file_problems(archive, said["files"]))
        return Verdict(tuple(_lines(said)), problems, sha256(manifest).hexdigest(), signer)
    except UnreadableFile as refused:
        return Verdict((), (refused.sentence,))
    except (KeyError, TypeError, *BROKEN) as error:
        return Verdict((), (f"Expected a pack with a readable {MANIFEST}: {error}",))


def _lines(said: dict[str, Any]) -> Iterator[str]:
    """What the manifest says of the pack: of a financing, or of a run of notes."""
    pack = said["pack"]
    yield f"Pack      {pack['number'] or 'draft'}, close {pack['close_date']}"
    if "structure" in said:
        yield from _notes_lines(said)
    else:
        yield f"Project   {said['project']['title']}"
        if "financing" in said:
            yield f"Financing {said['financing']['code']}, {said['financing']['sha256']}"
        if "run" in said:
            yield f"Run       {said['run']['code']}, permutation {said['run']['permutation']}"
        yield f"Snapshot  version {said['snapshot']['version']}, {said['snapshot']['sha256']}"
        yield f"Rule set  {said['rule_set']['name']}, {said['rule_set']['sha256']}"
    yield f"Engine    {said['engine']['documents']}"
    yield f"Files     {len(said['files'])}"


def _notes_lines(said: dict[str, Any]) -> Iterator[str]:
    yield f"Structure {said['structure']['name']}, version {said['structure']['version']}, {said['structure']['sha256']}"
    yield f"Pool      {said['pool']['name']}, {said['pool']['sha256']}"
    yield f"Run       {said['run']['code']}"


def _signer(archive: ZipFile, manifest: bytes) -> tuple[str, tuple[str, ...]]:
    """Who signed the manifest, and what is wrong with a signature that is there."""
    if SIGNATURE not in archive.namelist():
        return "", ()
    try:
        return signer_of(manifest, archive.read(SIGNATURE)), ()
    except ValueError as error:
        return "", (f"{SIGNATURE}: {error}",)


def _hash_problems(manifest: bytes, expected: str) -> Iterator[str]:
    found = sha256(manifest).hexdigest()
    if expected and found != expected.lower():
        yield f"{MANIFEST}: expected SHA-256 {expected}, got {found}"


def _file_problems(archive: ZipFile, files: list[dict[str, Any]]) -> Iterator[str]:
    held = set(archive.namelist()) - {MANIFEST, SIGNATURE}
    for each in files:
        if each["file"] not in held:
            yield f"{each['file']}: named in the manifest, missing in the archive"
            continue
        content = archive.read(each["file"])
        if len(content) != each["size_bytes"]:
            yield f"{each['file']}: expected {each['size_bytes']:,} bytes, got {len(content):,}"
        if (found := sha256(content).hexdigest()) != each["sha256"]:
            yield f"{each['file']}: expected SHA-256 {each['sha256']}, got {found}"
    yield from (
        f"{name}: in the archive, not named in the manifest" for name in sorted(held - {f["file"] for f in files})
    )
