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
    """Where the copy for one test process comes from; only SQLite's, which is a file."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.kept = KEPT / f"{_state()}.sqlite3"
        self._held = ExitStack()

    def copied(self) -> bool:
        """True where the process's test database lies ready; where it does not, others wait until it does."""
        if self.connection.vendor != "sqlite":
            return False
        KEPT.mkdir(parents=True, exist_ok=True)
        lock = self._held.enter_context((KEPT / "lock").open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        if self.kept.exists():
            shutil.copyfile(self.kept, settings.DATABASES["default"]["TEST"]["NAME"])
            return True
        return False

    def keep(self) -> None:
        """Once the process has its database: kept for those that follow, who wait no longer."""
        with self._held:
            if self.connection.vendor == "sqlite" and not self.kept.exists():
                for older in KEPT.glob("*.sqlite3"):
                    older.unlink()
                with self.connection.cursor() as cursor:
                    cursor.execute("VACUUM INTO %s", [str(self.kept)])


def _state() -> str:
    """Of the migrations, of what they import of the project, and of the libraries' versions."""
    migrations = sorted(ROOT.glob("*/migrations/*.py"))
    modules = {name for path in migrations for name in IMPORTED.findall(path.read_text(encoding="utf-8"))}
    imported = sorted(path for name in modules if (path := ROOT.joinpath(*name.split(".")).with_suffix(".py")).exists())
    digest = sha256()
    for path in [*migrations, *imported, ROOT / "requirements.txt"]:
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]
