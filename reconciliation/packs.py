"""Break packs: an archive of chosen breaks, their lineage, the files behind them, a cover, and a manifest of it all."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone

from jobs.registry import Answer
from jobs.work import Held
from lib.storage import content_of, keep_content
from lib.text import without_unprintable
from reconciliation.encryption import locked
from reconciliation.exports import export_breaks
from reconciliation.lineage import RELATED, chains_of, files_behind
from reconciliation.models import Break, BreakPack

AT_ONCE = 200
# ZIP counts from 1980 on; packs of the same parts are the same bytes but for their cover.
MOMENT = (2000, 1, 1, 0, 0, 0)
Parts = Mapping[str, bytes]


def make_break_pack(pack: BreakPack, held: Held) -> Answer:
    """The pack's parts with their hashes; the archive lies in the storage of documents."""
    rows = rows_of(pack)
    chains: list[dict[str, Any]] = []
    for start in range(0, len(rows), AT_ONCE):
        chains += chains_of(rows[start : start + AT_ONCE])
        held.report(min(len(rows), start + AT_ONCE))
    parts = parts_of(pack, rows, chains)
    name, content = locked(
        f"breaks-{timezone.localdate(pack.created_at)}-{str(pack.code)[:8]}.zip", archive(parts), pack.recipient
    )
    digest = keep_content(content)
    BreakPack.objects.filter(code=pack.code).update(name=name, sha256=digest, size_bytes=len(content))
    return {"breaks": len(rows), "parts": told_of(parts), "sha256": digest, "size_bytes": len(content)}


def open_pack(pack: BreakPack, rows: Sequence[Break]) -> bytes:
    """The archive of breaks as it is before it is locked."""
    chains = [chain for start in range(0, len(rows), AT_ONCE) for chain in chains_of(rows[start : start + AT_ONCE])]
    return archive(parts_of(pack, rows, chains))


def rows_of(pack: BreakPack) -> list[Break]:
    """The breaks in the order in which they were chosen."""
    found = {row.code: row for row in Break.objects.filter(code__in=pack.breaks).select_related(*RELATED)}
    return [found[code] for each in pack.breaks if (code := UUID(each)) in found]


def parts_of(pack: BreakPack, rows: Sequence[Break], chains: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    """Every part by its name in the archive, the manifest last."""
    content, _ = export_breaks(rows, pack.format)
    parts = {f"breaks.{pack.format}": content}
    parts |= {f"lineage/{chain['break']}.json": _as_json(chain) for chain in chains}
    if pack.with_files:
        parts |= {
            f"files/{file.sha256[:12]}-{_safe(file.name)}": content_of(file.sha256) for file in files_behind(rows)
        }
    told = {"pack": pack, "chains": [_shown(chain) for chain in chains], "parts": told_of(parts), "rows": rows}
    parts["cover.html"] = render_to_string("reconciliation/pack_cover.html", told).encode()
    about = {
        "made_at": pack.created_at.isoformat(),
        "made_by": pack.requested_by.email,
        "filters": pack.filters,
        "breaks": len(rows),
    }
    parts["manifest.json"] = _as_json({**about, "parts": told_of(parts)})
    return parts


def _shown(chain: Mapping[str, Any]) -> dict[str, Any]:
    """A chain as the cover reads it: a template takes `values` of a mapping for its method."""
    records = [
        {**each, "record": {**each["record"], "fields": each["record"]["values"].items()}} for each in chain["records"]
    ]
    return {**chain, "records": records, "is_of_several": isinstance(chain["comparison"], dict)}


def told_of(parts: Parts) -> list[dict[str, Any]]:
    """Name, SHA-256 and size of each part."""
    return [
        {"name": name, "sha256": sha256(content).hexdigest(), "size_bytes": len(content)}
        for name, content in parts.items()
    ]


def archive(parts: Parts) -> bytes:
    """The parts as a ZIP; the same parts are the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(zipfile.ZipInfo(name, MOMENT), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _as_json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _safe(name: str) -> str:
    """A name that stays in its folder, on every system."""
    plain = without_unprintable(PurePosixPath(name.replace("\\", "/")).name)
    return "".join(letter if letter not in '<>:"|?*' else "_" for letter in plain)[-120:] or "file"
