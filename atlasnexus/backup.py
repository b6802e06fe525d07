"""A backup: the database, the files that rows name, and the key, in one archive with the SHA-256 of each.

The database is taken first, as it stood at one moment; files are written once and never changed, so those taken after it are
what it speaks of, and perhaps a few more.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from atlasnexus.moving import move_rows
from engine import ENGINE_VERSION
from lib.errors import AtlasError

MANIFEST, SQLITE, DUMP = "manifest.json", "database.sqlite3", "database.dump"
FOLDERS = ("runs", "attachments", "documents")
KEY = "secret_key"
FORM = "atlas-nexus/backup/1"
PIECE_BYTES = 1024 * 1024
EVERY = timedelta(hours=6)


class BackupRefused(AtlasError):
    """A backup that cannot be made, is not whole, or must not be put back here."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many files a backup holds, when it was made, and what is wrong with it."""

    files: int
    made_at: str
    problems: tuple[str, ...]


def make_backup(folder: Path) -> Path:
    """The new archive in the folder, whole: it has its name only once everything is in it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"atlas-{timezone.now():%Y%m%dT%H%M%SZ}.tar"
    with tempfile.TemporaryDirectory(dir=folder) as aside:
        partial, told = Path(aside) / target.name, dict[str, Any]()
        with tarfile.open(partial, "w") as archive:
            _add(archive, _database_copy(Path(aside)), told)
            for path, name in _files():
                _add(archive, path, told, name)
            _add_manifest(archive, told)
        partial.chmod(0o600)
        partial.replace(target)
    return target


def verify_backup(path: Path) -> Verdict:
    """The verdict on an archive: every file against its hash, and the database against its own rules; kept beside it."""
    verdict = _verdict(path)
    _keep_verdict(path, verdict)
    return verdict


def newest_backup() -> dict[str, Any] | None:
    """Name, time, size and verdict of the newest backup of the watcher's folder; None while there is none."""
    folder = settings.ATLASNEXUS_BACKUP_DIR
    newest = next(iter(backups(Path(folder))), None) if folder else None
    if newest is None:
        return None
    told = newest.stat()
    made_at = datetime.fromtimestamp(told.st_mtime, UTC)
    return {"name": newest.name, "made_at": made_at, "size_bytes": told.st_size, **_kept_verdict(newest)}


def _verdict(path: Path) -> Verdict:
    try:
        with tarfile.open(path) as archive:
            manifest = _manifest(archive)
            problems = list(_hash_problems(archive, manifest["files"]))
            if SQLITE in manifest["files"] and not problems:
                problems += _database_problems(archive)
    except (tarfile.TarError, OSError, ValueError, KeyError) as error:
        return Verdict(0, "", (f"It cannot be read: {error}",))
    return Verdict(len(manifest["files"]), manifest["made_at"], tuple(problems))


def restore_backup(path: Path) -> int:
    """How many files were put back, into a platform that holds nothing yet; BackupRefused otherwise."""
    verdict = verify_backup(path)
    if verdict.problems:
        raise BackupRefused(f"This backup is not whole: {verdict.problems[0]}")
    _require_empty()
    data = Path(settings.ATLASNEXUS_DATA_DIR)
    with tarfile.open(path) as archive:
        names = list(_manifest(archive)["files"])
        for name in names:
            if name not in (SQLITE, DUMP):
                _put_back(archive, name, data / name)
        _restore_database(archive, names)
    return len(names)


def prune_backups(folder: Path, days: int) -> int:
    """How many archives older than so many days are gone; the newest stays, however old."""
    oldest = timezone.now().timestamp() - days * 86_400
    old = [path for path in backups(folder)[1:] if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink()
        _verdict_path(path).unlink(missing_ok=True)
    return len(old)


def backups(folder: Path) -> list[Path]:
    """The archives of a folder, the newest first."""
    return sorted(folder.glob("atlas-*.tar"), reverse=True)


def newest_backup_at() -> float | None:
    """When the newest backup was made, in seconds since 1970; None while no folder is named or it has none."""
    folder = settings.ATLASNEXUS_BACKUP_DIR
    newest = next(iter(backups(Path(folder))), None) if folder else None
    return newest.stat().st_mtime if newest else None


def due_backup() -> int:
    """One where a backup was due and is made, for the watcher: every six hours while a folder is named for them."""
    if not settings.ATLASNEXUS_BACKUP_DIR:
        return 0
    made_at, folder = newest_backup_at(), Path(settings.ATLASNEXUS_BACKUP_DIR)
    if made_at is not None and timezone.now().timestamp() - made_at < EVERY.total_seconds():
        return 0
    verdict = verify_backup(make_backup(folder))
    if verdict.problems:
        raise BackupRefused(f"The backup made is not whole: {verdict.problems[0]}")
    prune_backups(folder, settings.ATLASNEXUS_BACKUP_DAYS)
    return 1


def _verdict_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.verdict.json")


def _keep_verdict(path: Path, verdict: Verdict) -> None:
    """Nothing; it is only shown, and a folder that takes no file does not make the backup worse."""
    told = {"verified_at": timezone.now().isoformat(), "problems": list(verdict.problems), "files": verdict.files}
    if not path.exists():
        return
    with suppress(OSError):
        _verdict_path(path).write_text(json.dumps(told))


def _kept_verdict(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(_verdict_path(path).read_text())
        return {"verified_at": datetime.fromisoformat(told["verified_at"]), "problems": list(told["problems"])}
    except (OSError, ValueError, KeyError):
        return {"verified_at": None, "problems": []}


def _files() -> Iterator[tuple[Path, str]]:
    data = Path(settings.ATLASNEXUS_DATA_DIR)
    for folder in FOLDERS:
        for path in sorted((data / folder).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path, path.relative_to(data).as_posix()
    if (data / KEY).exists():
        yield data / KEY, KEY


def _database_copy(folder: Path) -> Path:
    """The database as it stands at this moment, whoever writes meanwhile."""
    if connection.vendor == "sqlite":
        copy = folder / SQLITE
        with (
            closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as source,
            closing(sqlite3.connect(copy)) as to,
        ):
            source.backup(to)
        return copy
    copy = folder / DUMP
    _postgresql("pg_dump", "--format=custom", f"--file={copy}")
    return copy


def _restore_database(archive: tarfile.TarFile, names: list[str]) -> None:
    if connection.vendor == "sqlite":
        if SQLITE not in names:
            raise BackupRefused("This backup is of a PostgreSQL database: set DATABASE_URL to an empty one.")
        connection.close()
        _put_back(archive, SQLITE, Path(str(connection.settings_dict["NAME"])))
        return
    with tempfile.TemporaryDirectory() as folder:
        if SQLITE in names:
            _put_back(archive, SQLITE, Path(folder) / SQLITE)
            move_rows(Path(folder) / SQLITE)
            return
        dump = Path(folder) / DUMP
        _put_back(archive, DUMP, dump)
        _postgresql(
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            f"--dbname={connection.settings_dict['NAME']}",
            str(dump),
        )


def _postgresql(program: str, *options: str) -> None:
    values = connection.settings_dict
    known = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    told = {name: str(values[key]) for name, key in known.items() if values.get(key)}
    done = subprocess.run([program, *options], env={**os.environ, **told}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupRefused(f"{program} failed: {done.stderr.strip()[-500:]}")


def _require_empty() -> None:
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        if path.exists() and path.stat().st_size:
            raise BackupRefused(f"There is a database already: {path}. Restore into an empty data folder.")
    elif "accounts_user" in connection.introspection.table_names():
        raise BackupRefused("The database holds a platform already: restore into an empty one.")


def _add(archive: tarfile.TarFile, path: Path, told: dict[str, Any], name: str = "") -> None:
    digest, size = sha256(), 0
    with path.open("rb") as stream:
        while piece := stream.read(PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
    told[name or path.name] = {"sha256": digest.hexdigest(), "size_bytes": size}
    archive.add(path, name or path.name, recursive=False)


def _add_manifest(archive: tarfile.TarFile, told: dict[str, Any]) -> None:
    content = json.dumps(
        {"form": FORM, "made_at": timezone.now().isoformat(), "engine_version": ENGINE_VERSION, "files": told}, indent=1
    ).encode()
    entry = tarfile.TarInfo(MANIFEST)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def _manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_open(archive, MANIFEST).read())
    if found.get("form") != FORM:
        raise ValueError(f"expected {FORM}")
    for name in found["files"]:
        if name.startswith("/") or ".." in Path(name).parts:
            raise ValueError(f"{name} leads out of the folder")
    return found


def _open(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    stream = archive.extractfile(name)
    if stream is None:
        raise KeyError(name)
    return stream


def _hash_problems(archive: tarfile.TarFile, files: dict[str, Any]) -> Iterator[str]:
    for name, said in files.items():
        digest = sha256()
        try:
            with _open(archive, name) as stream:
                while piece := stream.read(PIECE_BYTES):
                    digest.update(piece)
        except KeyError:
            yield f"{name} is missing."
            continue
        if digest.hexdigest() != said["sha256"]:
            yield f"{name} is damaged: its SHA-256 is not the one written down."


def _database_problems(archive: tarfile.TarFile) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / SQLITE
        _put_back(archive, SQLITE, copy)
        with closing(sqlite3.connect(copy)) as opened:
            answer = opened.execute("PRAGMA integrity_check").fetchone()[0]
    return [] if answer == "ok" else [f"The database is damaged: {answer}"]


def _put_back(archive: tarfile.TarFile, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, partial = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as out, _open(archive, name) as stream:
        shutil.copyfileobj(stream, out, PIECE_BYTES)
    Path(partial).replace(target)
