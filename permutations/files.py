"""Where a run's Parquet files live, and how they get there whole or not at all.

Workers write to a local folder by temporary file and rename; readers query that folder in place. When the storage
named "runs" in settings.STORAGES is a remote one, each finished file is copied there and fetched back where missing.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, InvalidStorageError, Storage, storages

from lib.storage import hash_of

STORAGE_ALIAS = "runs"


class RunFiles:
    """The files of one run, by name."""

    def __init__(self, run_code: UUID | str) -> None:
        self.code = str(UUID(str(run_code)))
        self.folder = Path(settings.ATLASNEXUS_DATA_DIR) / "runs" / self.code
        self.key = self.code  # what names begin with where a copy is kept

    def write(self, name: str, writer: Callable[[Path], object]) -> str:
        """The SHA-256 of `name`, once `writer` has filled it; a reader never sees it half written."""
        target = self.write_here(name, writer)
        self._keep_remotely(name, target)
        return hash_of_file(target)

    def write_here(self, name: str, writer: Callable[[Path], object]) -> Path:
        """The same without a copy elsewhere: the path of the file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / name
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=f".{name}.")
        os.close(handle)
        try:
            writer(Path(temporary))
            Path(temporary).chmod(0o644)
            return Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def path(self, name: str) -> Path:
        """The local path of a finished file; raises FileNotFoundError when no copy exists anywhere."""
        local = self.folder / name
        return local if local.exists() else self.fetch(name)

    def remove(self, name: str) -> None:
        """Nothing; the file is gone, also where a copy was kept."""
        (self.folder / name).unlink(missing_ok=True)
        if remote := remote_storage():
            remote.delete(f"{self.key}/{name}")

    def sweep(self) -> None:
        """Removes what killed workers left half written."""
        for leftover in self.folder.glob(".*"):
            leftover.unlink(missing_ok=True)

    def _keep_remotely(self, name: str, source: Path) -> None:
        remote = remote_storage()
        if remote is None:
            return
        key = f"{self.key}/{name}"
        if remote.exists(key):
            remote.delete(key)
        with source.open("rb") as stream:
            remote.save(key, File(stream))

    def fetch(self, name: str) -> Path:
        """The local path, with the copy that is kept elsewhere in its place; FileNotFoundError where there is none."""
        remote, key = remote_storage(), f"{self.key}/{name}"
        if remote is None or not remote.exists(key):
            raise FileNotFoundError(f"run {self.code} has no file {name}")
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=f".{name}.")
        with os.fdopen(handle, "wb") as local, remote.open(key) as stream:
            shutil.copyfileobj(stream, local)
        return Path(temporary).replace(self.folder / name)


def hash_of_file(path: Path) -> str:
    """SHA-256 in hex."""
    with path.open("rb") as stream:
        return hash_of(stream)[0]


def remote_storage() -> Storage | None:
    """The storage to copy finished files to; None when runs are kept in the local folder only."""
    try:
        storage = storages[STORAGE_ALIAS]
    except InvalidStorageError:
        return None
    return None if isinstance(storage, FileSystemStorage) else storage


def chunk_file(number: int) -> str:
    """Name of the shard with one row for each permutation of a chunk."""
    return f"chunk-{number:05d}.parquet"


def kept_file(number: int) -> str:
    """Name of the shard with the rows of a chunk that are kept where only the best are."""
    return f"kept-{number:05d}.parquet"


def stress_file(number: int) -> str:
    """Name of the shard with one row for each stress scenario of a chunk's distinct cash flows."""
    return f"stress-{number:05d}.parquet"


RANKING_FILE = "ranking.parquet"
