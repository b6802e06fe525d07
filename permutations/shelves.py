"""Shelves on disk, for what the ranking of a large run puts aside: files without a name, gone with their process."""

from __future__ import annotations

import os
import tempfile
import weakref
from pathlib import Path

import numpy as np
from django.conf import settings

from engine.permutations.order import Keys


class DiskShelf:
    """Rows of whole numbers in a temporary file of the data folder's `spill`."""

    def __init__(self, width: int) -> None:
        folder = Path(settings.ATLASNEXUS_DATA_DIR) / "spill"
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - open as long as the shelf
        weakref.finalize(self, self._file.close)
        self._width, self._at = width, 0

    def append(self, rows: Keys) -> None:
        """Nothing; the rows stand at the end."""
        self._file.write(np.ascontiguousarray(rows).data)

    def read(self, count: int) -> Keys:
        """The next rows."""
        self._file.flush()
        content = os.pread(self._file.fileno(), 8 * self._width * count, self._at)
        self._at += len(content)
        return np.frombuffer(content, dtype=np.uint64).reshape(count, self._width)

    def rewind(self) -> None:
        """Nothing; the next row read is the first."""
        self._at = 0


def on_disk(width: int) -> DiskShelf:
    """A new shelf on disk."""
    return DiskShelf(width)
