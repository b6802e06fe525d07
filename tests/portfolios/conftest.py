"""The demo deal, and a desk to run it."""

from typing import Any

import pytest

from accounts.models import Role, User
from portfolios.access import ANALYST, MANAGER
from portfolios.demo import ensure_demo_deal
from portfolios.models import Deal
from tests import world


def on_desk(email: str, name: str, role: str) -> User:
    """Somebody of a desk: no administrator, no sponsor's project."""
    user = world.person(email, name, Role.SPONSOR)
    user.further_roles = [role]
    user.save()
    return user


@pytest.fixture
def manager(db: None) -> User:
    """Mara decides."""
    return on_desk("mara@desk.example", "Mara Manager", MANAGER)


@pytest.fixture
def analyst(db: None) -> User:
    """Anton prepares."""
    return on_desk("anton@desk.example", "Anton Analyst", ANALYST)


@pytest.fixture(scope="module")
def shared_deal(shares_rows: bool, django_db_blocker: Any) -> Deal | None:
    with django_db_blocker.unblock():
        return ensure_demo_deal(world.ada()) if shares_rows else None


@pytest.fixture
def deal(shared_deal: Deal | None, admin: User) -> Deal:
    """The demo deal with pool A."""
    return Deal.objects.get(pk=shared_deal.pk) if shared_deal else ensure_demo_deal(admin)
