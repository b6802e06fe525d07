"""Four eyes are those of two people: an account in somebody's hands does not decide about their work."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit import record
from accounts.four_eyes import TAKES_IN_HAND, may_be_second, require_second
from accounts.models import Role, User
from accounts.services import change_user, create_user, end_sessions, forget_one_time_password
from lib.errors import Forbidden
from ratings.models import RuleSet
from ratings.queries import current_rule_set
from records.access import can_decide
from records.editing import Typed
from records.services import approve_version, copy_version, edit_version, submit_version
from tests.ratings.conftest import seeded
from tests.world import with_phone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
__all__ = ["seeded"]


def made(by: User, email: str, role: Role = Role.ADMIN) -> User:
    person = User(email=email, full_name=email.partition("@")[0], role=role, is_approved=True)
    person.set_password("a long password of theirs")
    return create_user(by=by, user=person)


def waiting(by: User) -> RuleSet:
    draft = copy_version(by=by, version=current_rule_set())
    typed = {"criteria.UK.BBB.dscr_minimum": Typed("1.2", "assumption", "the committee's view")}
    edited = edit_version(by=by, version=draft, revision=draft.revision, cells=typed)
    return submit_version(by=by, version=edited)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Moves the clock so many days on."""

    def move(days: float) -> None:
        moment = timezone.now() + timedelta(days=days)
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return move


def test_an_administrator_does_not_approve_with_an_account_of_their_making(admin: User, later: Any):
    other = made(admin, "second@house.example")
    version = waiting(admin)
    assert not can_decide(other, version)
    with pytest.raises(Forbidden, match="less than 7 days ago"):
        approve_version(by=other, version=version)
    later(6.9)
    assert not can_decide(other, version)
    later(0.2)
    assert approve_version(by=other, version=version).decided_by == other


def test_nor_their_own_hand_what_such_an_account_wrote(admin: User):
    version = waiting(made(admin, "second@house.example"))
    with pytest.raises(Forbidden, match="both your account"):
        approve_version(by=admin, version=version)


def test_nor_two_accounts_of_one_making_each_others(admin: User):
    one, two = made(admin, "one@house.example"), made(admin, "two@house.example")
    assert not may_be_second(two, [one.pk])


def test_it_goes_from_hand_to_hand(admin: User):
    third = made(made(admin, "second@house.example"), "third@house.example")
    assert not may_be_second(third, [admin.pk])
    assert not may_be_second(admin, [third.pk])


def test_whoever_is_in_nobodys_hands_is_the_second(admin: User, internal: User):
    operators = User.objects.create_superuser("operator@house.example", "a long password", full_name="Otto")
    assert approve_version(by=operators, version=waiting(admin)).decided_by == operators
    assert may_be_second(internal, [admin.pk, None])
    assert not may_be_second(admin, [internal.pk, admin.pk])
    with pytest.raises(Forbidden, match="you wrote a part"):
        require_second(admin, [admin.pk])


def test_taking_over_an_account_counts_as_making_one(admin: User, internal: User):
    assert may_be_second(internal, [admin.pk])
    internal.role = Role.ADMIN
    change_user(by=admin, user=internal)
    assert not may_be_second(internal, [admin.pk])


@pytest.mark.parametrize("action", TAKES_IN_HAND)
def test_each_of_these_counts(action: str, admin: User, internal: User):
    record(by=admin, action=action, target=internal)
    assert not may_be_second(internal, [admin.pk])


def test_ending_sessions_does_not_nor_does_the_operators_command(admin: User, internal: User):
    end_sessions(by=admin, user=internal)
    forget_one_time_password(by=None, user=internal)
    record(by=internal, action="user.one_time_password_removed", target=internal)
    assert may_be_second(internal, [admin.pk])


def test_nothing_counts_while_the_days_are_none(admin: User, settings: Any):
    settings.ATLASNEXUS_FOUR_EYES_DAYS = 0
    other = made(admin, "second@house.example")
    assert may_be_second(other, [admin.pk])
    assert not may_be_second(admin, [admin.pk])


def test_the_page_offers_no_decision(admin: User, signed_in: Callable[[User], Client]):
    other = with_phone(made(admin, "second@house.example"))
    version = waiting(admin)
    assert "A second administrator decides" in signed_in(other).get(version.admin_url()).content.decode()
