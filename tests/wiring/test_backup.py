"""A restore drill: taken while somebody writes, put back on an empty machine, everything is there."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import environ
import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from accounts.models import User
from atlasnexus import backup
from projects.models import Project
from projects.services import attach_file, create_project, create_series
from tests.migrated import kept_file

ROOT = Path(__file__).resolve().parents[2]


def manage(data: Path, *words: str, database: str = "") -> str:
    """What a command says on a machine of that data folder."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database or f"sqlite:///{data}/atlasnexus.sqlite3",
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


@pytest.fixture
def empty_database(db: None) -> Iterator[str]:
    """The address of an empty database of the same server; of SQLite none is needed."""
    if connection.vendor == "sqlite":
        yield ""
        return
    values, name = connection.settings_dict, f"drill_{os.getpid()}"
    with connection._nodb_cursor() as cursor:  # outside of the test's transaction
        cursor.execute(f"CREATE DATABASE {name}")
    yield (
        f"postgres://{values['USER']}:{values['PASSWORD']}@{values['HOST']}:{values['PORT']}/{name}"
        if values["PORT"]
        else f"postgres:///{values['HOST']}/{name}"
    )
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


READ = (
    "from projects.models import Project; from lib.storage import open_content; p = Project.objects.get();"
    "print(p.title, open_content(p.attachments.get().content_hash).read())"
)


VERIFY = "from django.core.management import call_command; call_command('verify_audit')"


def test_a_drill(project: Project, sponsor: User, tmp_path: Path, empty_database: str):
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
    there = {"database": empty_database}
    assert "files are back" in manage(elsewhere, "restore", str(made), **there)
    read, whole, _ = manage(elsewhere, "shell", "--no-imports", "-c", f"{READ};{VERIFY}", **there).splitlines()
    assert read == "Quay b'what was agreed'"
    assert whole.endswith("entries hold together.")
    refusal = "There is a database already" if connection.vendor == "sqlite" else "holds a platform already"
    assert refusal in manage(elsewhere, "restore", str(made), **there)


WRITE = (
    "from io import BytesIO; from django.core.management import call_command; from accounts.models import User;"
    "from projects.services import attach_file, create_project; call_command('migrate', verbosity=0);"
    "u = User.objects.create_user('s@s.example', 'a long password', full_name='S', role='sponsor', is_approved=True);"
    "p = create_project(by=u, title='Quay', inputs={});"
    "attach_file(by=u, project=p, name='terms.txt', stream=BytesIO(b'what was agreed'));"
    "call_command('backup', FOLDER); call_command('verify_audit')"
)
GO_ON = (
    f"{READ};{VERIFY};from accounts.models import User;from projects.services import create_project;"
    "q = create_project(by=User.objects.get(), title='Wharf', inputs={}); print(q.pk - p.pk); call_command('verify_audit')"
)


def test_a_drill_from_sqlite_to_postgresql(tmp_path: Path, empty_database: str):
    """Every row is there under its own number, the chain holds and grows, what is written once stays so."""
    if not empty_database:
        pytest.skip("needs PostgreSQL: make test runs it there")
    folder, there = tmp_path / "backups", {"database": empty_database}
    if kept_file().exists():  # migrating is tried elsewhere
        (tmp_path / "old").mkdir()
        shutil.copyfile(kept_file(), tmp_path / "old" / "atlasnexus.sqlite3")
    head = manage(
        tmp_path / "old", "shell", "--no-imports", "-c", WRITE.replace("FOLDER", repr(str(folder)))
    ).splitlines()[-1]
    [made] = backup.backups(folder)
    assert "files are back" in manage(tmp_path / "new", "restore", str(made), **there)
    content, whole, same_head, step, longer, new_head = manage(
        tmp_path / "new", "shell", "--no-imports", "-c", GO_ON, **there
    ).splitlines()
    assert (content, same_head, step) == ("Quay b'what was agreed'", head, "1")
    assert whole.endswith("entries hold together.")
    assert longer.endswith("entries hold together.")
    assert new_head != head
    with psycopg.connect(**_parameters(empty_database)) as raw, pytest.raises(psycopg.IntegrityError):
        raw.execute("DELETE FROM accounts_auditentry")


def _parameters(address: str) -> dict[str, Any]:
    found = environ.Env.db_url_config(address)
    known = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return {name: found[key] for name, key in known.items() if found[key]}


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
