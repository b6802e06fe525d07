"""Broker C's day, compared once a module."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Role, User
from reconciliation.kinds import ANALYST, COMPLIANCE
from tests import world
from tests.reconciliation import servers
from tests.reconciliation.cast import compared, day_of_broker_c


@pytest.fixture(scope="module")
def _day(shares_rows: bool, django_db_blocker: Any) -> SimpleNamespace:
    assert shares_rows
    with django_db_blocker.unblock():
        day = day_of_broker_c(world.ada())
        day.run = compared(world.ada(), day.definition)
        return day


@pytest.fixture
def day(_day: SimpleNamespace, db: None) -> SimpleNamespace:
    return _day


def holding(user: User, role: str) -> User:
    user.further_roles = [role]
    user.save()
    return user


@pytest.fixture
def analyst(day: SimpleNamespace) -> User:
    return holding(world.iris(), ANALYST)


@pytest.fixture
def officer(day: SimpleNamespace) -> User:
    return holding(world.person("olga@house.example", "Olga Officer", Role.INTERNAL), COMPLIANCE)


@pytest.fixture
def secrets(settings: Any, tmp_path: Path) -> Path:
    """A folder of the operator with what opens the servers of the tests."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    settings.ATLASNEXUS_SECRETS_FOLDER = str(folder)
    settings.ATLASNEXUS_CHANNEL_HOSTS = ["127.0.0.1"]
    (folder / f"{servers.USER}@127.0.0.1").write_text(f"{servers.PASSWORD}\n")
    (folder / "KEY@127.0.0.1").write_text(servers.PASSWORD)
    return folder
