"""The manifest of a pack, from its rows; without the kinds of document, whose libraries web servers do without."""

from __future__ import annotations

from documents.archive import ManifestFile, PackSource, folder_of, manifest_of
from documents.chosen_templates import template_words
from documents.models import Pack, PackDocument


def pack_manifest(pack: Pack) -> bytes:
    """The manifest of the documents that are there."""
    rows = list(pack.documents.select_related("template").order_by("position"))
    source = PackSource(
        pack.financing,
        pack.origin,
        pack.close_date,
        pack.marks,
        pack.engine_version,
        pack.supersedes.number if pack.supersedes else "",
        tuple(row.title for row in rows if not row.is_there),
    )
    return manifest_of(source, [_manifest_file(row) for row in rows if row.is_there])


def _manifest_file(row: PackDocument) -> ManifestFile:
    return ManifestFile(
        file=f"{folder_of(row.kind)}{row.filename}",
        title=row.title,
        kind=row.kind,
        sha256=row.content_hash,
        size_bytes=row.size_bytes,
        template=template_words(row.template, row.template_hash),
        template_sha256=row.template_hash,
    )
