"""What lies in the data folder, by kind: measured by the watcher once an hour, for a folder may hold a million files."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

HOUR, DAY = 60 * 60, 24 * 60 * 60
MEASURED, KEPT = "stores-measured", "stores-sizes"
WORDS = {
    "runs": "Results of runs",
    "attachments": "Attachments",
    "documents": "Documents of packs and papers",
    "database": "Database",
    "logs": "Logs",
    "mail": "Letters kept as files",
    "numba": "Compiled kernels",
    "static": "Styles and scripts",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How much of one kind lies there."""

    kind: str
    label: str
    files: int
    size_bytes: int


def measure_due() -> int:
    """One where the folder was measured; once an hour."""
    if cache.get(MEASURED) or not cache.add(MEASURED, 1, HOUR):
        return 0
    measure()
    return 1


def measure() -> None:
    """Nothing; each kind's number of files and bytes are kept."""
    files, sizes = Counter[str](), Counter[str]()
    root = Path(settings.ATLASNEXUS_DATA_DIR)
    for folder, _, names in os.walk(root):
        inner = Path(folder).relative_to(root).parts
        for name in names:
            kind = inner[0] if inner else "database" if ".sqlite3" in name else "other"
            try:
                size = Path(folder, name).lstat().st_blocks * 512
            except OSError:  # gone meanwhile
                continue
            files[kind] += 1
            sizes[kind] += size
    cache.set(KEPT, {"at": timezone.now(), "files": dict(files), "sizes": dict(sizes)}, DAY)


def measured() -> tuple[datetime | None, list[Size]]:
    """When it was measured last, and the sizes, the largest first; nothing and none before the first time."""
    kept: dict[str, Any] | None = cache.get(KEPT)
    if kept is None:
        return None, []
    found = [
        Size(kind, WORDS.get(kind, kind.replace("_", " ").capitalize()), kept["files"][kind], size)
        for kind, size in sorted(kept["sizes"].items(), key=lambda each: -each[1])
    ]
    return kept["at"], found
