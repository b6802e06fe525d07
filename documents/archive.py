"""The pack as one ZIP, and the manifest that says what is in it; the same bytes from the same financing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from documents.facts import Marks
from documents.rendering.steady import steady_zip
from financings.models import Financing

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
# Folders by kind; what a reader opens first lies beside the manifest.
FOLDERS = {
    "contents": "",
    "executive_summary": "",
    "term_sheet": "1 Terms",
    "long_form": "5 Legal drafts",
    "assumptions": "1 Terms",
    "compliance_report": "2 Compliance and stress",
    "stress_grid": "2 Compliance and stress",
    "waterfall_summary": "3 Cash flows",
    "live_model": "3 Cash flows",
    "inflation_swap": "4 Hedges",
    "return_swap": "4 Hedges",
    "note_conditions": "5 Legal drafts",
    "security_summary": "5 Legal drafts",
    "checklist": "6 Execution",
    "presentation": "7 Investors",
}
OTHER = "8 Other documents"
FIRST = ("contents", "executive_summary")


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A file of the pack as its manifest names it; `template` says whose template was filled."""

    file: str
    title: str
    kind: str
    sha256: str
    size_bytes: int
    template: str
    template_sha256: str


@dataclass(frozen=True, slots=True)
class PackSource:
    """What a manifest says of the pack as a whole."""

    financing: Financing
    origin: Mapping[str, Any]
    close_date: date
    marks: Marks
    engine_version: str
    supersedes: str = ""
    missing: tuple[str, ...] = ()


def folder_of(kind: str) -> str:
    """The folder of a kind in the ZIP, with its slash; nothing for what lies at the top."""
    base = next((name for name in sorted(FOLDERS, key=len, reverse=True) if kind.startswith(name)), "")
    folder = FOLDERS[base] if base else OTHER
    return f"{folder}/" if folder else ""


def ordered(files: Iterable[ManifestFile]) -> list[ManifestFile]:
    """The table of contents first, then the executive summary, then the others as they came."""
    return sorted(files, key=lambda each: FIRST.index(each.kind) if each.kind in FIRST else len(FIRST))


def manifest_of(source: PackSource, files: Sequence[ManifestFile]) -> bytes:
    """The manifest as JSON: what is in the pack, what it was made from, by what."""
    financing = source.financing
    project, snapshot, rules = financing.project, financing.snapshot, financing.rule_set
    said: dict[str, Any] = {
        "pack": {
            "number": source.marks.number,
            "status": "draft" if source.marks.is_draft else "issued",
            "organisation": source.marks.organisation,
            "confidentiality": source.marks.confidentiality,
            "close_date": source.close_date.isoformat(),
            "supersedes": source.supersedes,
        },
        "project": {"code": str(project.code), "title": project.title},
        **_found(source.origin),
        "snapshot": {"version": snapshot.version, "sha256": snapshot.content_hash},
        "rule_set": {"name": str(rules), "sha256": rules.content_hash},
        "engine": {
            "run" if "run" in source.origin else "financing": financing.engine_version,
            "documents": source.engine_version,
        },
        "files": [asdict(each) for each in ordered(files)],
        "missing": list(source.missing),
    }
    return f"{json.dumps(said, indent=2, ensure_ascii=False)}\n".encode()


def _found(origin: Mapping[str, Any]) -> dict[str, Any]:
    """Financing and run in a fixed order: a database may keep the keys of JSON in another."""
    parts = {"financing": ("code", "sha256"), "run": ("code", "permutation", "finished_at")}
    return {name: {key: origin[name][key] for key in keys} for name, keys in parts.items() if name in origin}


def pack_zip(manifest: bytes, content_of: Callable[[str], bytes], signature: bytes = b"") -> bytes:
    """The archive: the files in the manifest's order, the manifest and its signature, if any, last; `content_of` takes a SHA-256."""
    files = [(each["file"], content_of(each["sha256"])) for each in json.loads(manifest)["files"]]
    signed = [(SIGNATURE, signature)] if signature else []
    return steady_zip([*files, (MANIFEST, manifest), *signed])


def hash_text(content: bytes) -> str:
    """SHA-256 in hex."""
    return sha256(content).hexdigest()
