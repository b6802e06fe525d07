"""Looks into the watched folder: what lies there long enough to be whole is taken in, then put aside."""

from __future__ import annotations

import time
from pathlib import Path

import structlog
from django.conf import settings
from django.utils import timezone

from lib.errors import AtlasError
from reconciliation.models import ReceivedFile, Source
from reconciliation.services.receive_file import receive_file

DONE = "done"
# A file that is still being written changes.
QUIET_SECONDS = 5.0
MOST_AT_ONCE = 50

log = structlog.get_logger(__name__)


def watched() -> Path | None:
    """The watched folder; None where none is set up."""
    named = settings.ATLASNEXUS_WATCHED_FOLDER
    return Path(named) if named else None


def watch_folder() -> int:
    """How many files were taken in; each source has a folder of its own below the watched one."""
    root, taken = watched(), 0
    if root is None or not root.is_dir():
        return 0
    for source in Source.objects.filter(is_active=True).exclude(folder=""):
        for path in _quiet(root / source.folder)[: MOST_AT_ONCE - taken]:
            taken += _taken(source, path)
    return taken


def _quiet(folder: Path) -> list[Path]:
    """Plain files that nobody has touched for some seconds, the oldest first; links are left alone."""
    if not folder.is_dir():
        return []
    before = time.time() - QUIET_SECONDS
    found = [
        path for path in folder.iterdir() if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
    ]
    return sorted(
        (path for path in found if path.stat().st_mtime <= before), key=lambda path: (path.stat().st_mtime, path.name)
    )


def _taken(source: Source, path: Path) -> int:
    try:
        rows = _received(source, path)
    except (AtlasError, OSError) as error:
        log.warning("file_not_taken", source=source.name, file=path.name, reason=str(error))
        return 0
    log.info("file_taken", source=source.name, file=path.name, states=[row.state for row in rows])
    return 1


def _received(source: Source, path: Path) -> list[ReceivedFile]:
    """The rows; the file lies in the folder of what is done only once they are there."""
    today = timezone.localdate()
    rows = receive_file(
        by=None, source=source, name=path.name, content=path.read_bytes(), business_date=today, channel="folder"
    )
    done = path.parent / DONE
    done.mkdir(exist_ok=True)
    path.replace(done / f"{rows[0].sha256[:12]}-{path.name}")
    return rows
