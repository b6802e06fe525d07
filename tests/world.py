"""Rows made once a module and put back as they were before each of its tests.

What most tests begin with (rules, an approved project, a finished run) costs more than what they ask of it. A module
whose tests commit for real makes its rows test by test.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction
from django.utils import timezone

from accounts.models import Role, User
from engine.basics.business_days import BusinessDays, Calendar, moved
from engine.basics.dates import add_months

PASSWORD = "a long password for the tests"


def person(email: str, name: str, role: Role) -> User:
    """Somebody of the cast, made where the module's rows do not have him yet."""
    known = User.objects.filter(email=email).first()
    return known or User.objects.create_user(email, PASSWORD, full_name=name, role=role, is_approved=True)


def sofia() -> User:
    return person("sofia@sponsor.example", "Sofia Sponsor", Role.SPONSOR)


def iris() -> User:
    return person("iris@house.example", "Iris Internal", Role.INTERNAL)


def with_phone(user: User) -> User:
    """The same person with one-time codes."""
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(user, generate_totp_secret())
    return user


def ada() -> User:
    return with_phone(person("ada@house.example", "Ada Administrator", Role.ADMIN))


def coming(months: int) -> date:
    """A business day in London so many months from now: a pack that closes on it may be issued."""
    return moved(add_months(timezone.localdate(), months), BusinessDays.MODIFIED_FOLLOWING, Calendar.LONDON)


def commits(item: pytest.Item, fixtures: Iterable[str]) -> bool:
    """True of a test, which asks for these fixtures, whose rows other connections must see."""
    marker = item.get_closest_marker("django_db")
    asked = {"transactional_db", "live", "page", "live_server"} & set(fixtures)
    return bool(asked) or bool(marker and marker.kwargs.get("transaction"))


def reaches_the_database(item: pytest.Item) -> bool:
    """True of a test that may read or write rows."""
    return item.get_closest_marker("django_db") is not None or "django_db_setup" in getattr(item, "fixturenames", ())


@contextmanager
def rows_held(request: pytest.FixtureRequest) -> Iterator[None]:
    """A transaction that outlasts the tests that share its rows."""
    blocker = request.getfixturevalue("django_db_blocker")
    held = transaction.atomic()
    held._from_testcase = True  # type: ignore[attr-defined]  # as Django's own: it may hold what is durable
    with blocker.unblock():
        held.__enter__()
    yield
    with blocker.unblock():
        transaction.set_rollback(True)
        held.__exit__(None, None, None)


@contextmanager
def files_kept(folder: Path) -> Iterator[None]:
    """Whatever a test does to the folder is undone."""
    with TemporaryDirectory() as aside:
        shutil.copytree(folder, aside, dirs_exist_ok=True)
        before = _state(folder)
        yield
        if _state(folder) != before:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(aside, folder)


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}
