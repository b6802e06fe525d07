"""A small desk on a drawn market, and its people."""

from typing import Any

import pytest

from accounts.models import User
from strategies.models import Desk, Function, Strategy, Universe
from tests import world
from tests.strategies.cast import on_desk, small_desk, small_strategy


@pytest.fixture(scope="module")
def shared_desk(shares_rows: bool, django_db_blocker: Any) -> Desk | None:
    with django_db_blocker.unblock():
        return small_desk(world.ada()) if shares_rows else None


@pytest.fixture
def desk(shared_desk: Desk | None, admin: User) -> Desk:
    """The desk with a universe of eight names and 300 days."""
    return Desk.objects.get(pk=shared_desk.pk) if shared_desk else small_desk(admin)


@pytest.fixture
def universe(desk: Desk) -> Universe:
    return desk.universes.get()


@pytest.fixture
def strategy(desk: Desk, quant: User) -> Strategy:
    """A strategy as a new one begins, by Quinn."""
    return small_strategy(quant, desk)


@pytest.fixture
def quant(desk: Desk, admin: User) -> User:
    """Quinn works on signals and portfolios."""
    return on_desk(admin, desk, "Quinn Quant", Function.QUANT)


@pytest.fixture
def risk_manager(desk: Desk, admin: User) -> User:
    """Rita judges risk."""
    return on_desk(admin, desk, "Rita Risk", Function.RISK)


@pytest.fixture
def officer(desk: Desk, admin: User) -> User:
    """Cora signs off."""
    return on_desk(admin, desk, "Cora Compliance", Function.COMPLIANCE)


@pytest.fixture
def viewer(desk: Desk, admin: User) -> User:
    """Vic reads."""
    return on_desk(admin, desk, "Vic Viewer", Function.VIEWER)
