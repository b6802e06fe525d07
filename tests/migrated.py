"""A database migrated once for each state of the migrations: every test process begins with a copy of it."""

import fcntl
import re
import shutil
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".var" / "migrated"
IMPORTED = re.compile(r"^from (\w+(?:\.\w+)*) import", re.MULTILINE)


class Migrated:
    """Where the copy for one test process comes from: a file, or on PostgreSQL a database of the same server."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.is_file = connection.vendor == "sqlite"
        self._held = ExitStack()

    def copied(self) -> bool:
        """True where the process's test database lies ready; where none is kept yet, others wait until one is."""
        KEPT.mkdir(parents=True, exist_ok=True)
        lock = self._held.enter_context((KEPT / "lock").open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        if self.is_file and kept_file().exists():
            shutil.copyfile(kept_file(), settings.DATABASES["default"]["TEST"]["NAME"])
            return True
        if not self.is_file and self._has_template():
            self.connection.settings_dict["TEST"]["TEMPLATE"] = _template()
        return False

    def keep(self) -> None:
        """Once the process has its database: kept for those that follow, who wait no longer."""
        with self._held:
            if self.is_file and not kept_file().exists():
                for older in KEPT.glob("*.sqlite3"):
                    older.unlink()
                with self.connection.cursor() as cursor:
                    cursor.execute("VACUUM INTO %s", [str(kept_file())])
            elif not self.is_file and not self._has_template():
                self.connection.close()  # who is connected would be in the way of copying
                with self.connection._nodb_cursor() as cursor:
                    own = self.connection.settings_dict["NAME"]
                    cursor.execute(f'CREATE DATABASE "{_template()}" TEMPLATE "{own}"')

    def _has_template(self) -> bool:
        with self.connection._nodb_cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_template()])
            return cursor.fetchone() is not None


def kept_file() -> Path:
    """Where SQLite's is, from the first test process on."""
    return KEPT / f"{_state()}.sqlite3"


def _template() -> str:
    return f"test_migrated_{_state()}"


def _state() -> str:
    """Of the migrations, of what they import of the project, and of the libraries' versions."""
    migrations = sorted(ROOT.glob("*/migrations/*.py"))
    modules = {name for path in migrations for name in IMPORTED.findall(path.read_text(encoding="utf-8"))}
    imported = sorted(path for name in modules if (path := ROOT.joinpath(*name.split(".")).with_suffix(".py")).exists())
    digest = sha256()
    for path in [*migrations, *imported, ROOT / "requirements.txt"]:
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
