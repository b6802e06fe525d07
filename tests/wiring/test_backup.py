"""A restore drill: taken while somebody writes, put back on an empty machine, everything is there."""

import os
import subprocess
import sys
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from accounts.models import User
from atlasnexus import backup
from projects.models import Project
from projects.services import attach_file, create_project, create_series

ROOT = Path(__file__).resolve().parents[2]


def manage(data: Path, *words: str) -> str:
    """What a command says on a machine of that data folder."""
    environment = {
        "PATH": os.environ["PATH"],
        "ATLASNEXUS_DATA_DIR": str(data),
        "DJANGO_SETTINGS_MODULE": "atlasnexus.settings",
    }
    environment["NUMBA_CACHE_DIR"] = os.environ["NUMBA_CACHE_DIR"]
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else f"exit {done.returncode}: {done.stderr}"


@pytest.fixture
def project(transactional_db: None, sponsor: User) -> Project:
    made = create_project(by=sponsor, title="Quay", inputs={})
    attach_file(by=sponsor, project=made, name="terms.txt", stream=BytesIO(b"what was agreed"))
    return made


def test_a_drill(project: Project, sponsor: User, tmp_path: Path):
    stop, written = threading.Event(), list[int]()

    def write() -> None:
        while not stop.is_set():
            written.append(create_series(by=sponsor, title=f"Series {len(written)}").pk)
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = backup.make_backup(tmp_path / "backups")
    finally:
        stop.set()
        writer.join()
    assert written
    assert backup.verify_backup(made).problems == ()
    elsewhere = tmp_path / "elsewhere"
    assert "files are back" in manage(elsewhere, "restore", str(made))
    assert "entries hold together" in manage(elsewhere, "verify_audit")
    told = manage(
        elsewhere,
        "shell",
        "--no-imports",
        "-c",
        "from projects.models import Project; from lib.storage import open_content; p = Project.objects.get();"
        "print(p.title, open_content(p.attachments.get().content_hash).read())",
    )
    assert told == "Quay b'what was agreed'\n"
    assert "There is a database already" in manage(elsewhere, "restore", str(made))


def test_a_damaged_one_is_known_and_not_put_back(project: Project, tmp_path: Path, settings: Any):
    made = backup.make_backup(tmp_path)
    content = made.read_bytes()
    made.write_bytes(content.replace(b"what was agreed", b"what was denied"))
    with pytest.raises(CommandError, match=r"attachments/.* is damaged"):
        call_command("verify_backup", made)
    made.write_bytes(content[:5_000])
    assert backup.verify_backup(made).problems
    with pytest.raises(CommandError, match="not whole"):
        call_command("restore", made)


def test_the_watcher_makes_one_every_six_hours_and_keeps_them_for_a_month(
    project: Project, tmp_path: Path, settings: Any
):
    assert backup.due_backup() == 0
    settings.ATLASNEXUS_BACKUP_DIR, settings.ATLASNEXUS_BACKUP_DAYS = str(tmp_path), 30
    assert (backup.due_backup(), backup.due_backup()) == (1, 0)
    [made] = backup.backups(tmp_path)
    assert made.stat().st_mode & 0o077 == 0
    old = tmp_path / "atlas-20200101T000000Z.tar"
    old.touch()
    for path, hours in ((made, 7), (old, 31 * 24)):
        at = path.stat().st_mtime - hours * 3_600
        os.utime(path, (at, at))
    made.rename(tmp_path / "atlas-20200102T000000Z.tar")
    assert backup.due_backup() == 1
    assert not old.exists()
    assert len(backup.backups(tmp_path)) == 2
