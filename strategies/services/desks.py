"""Desks: opened by an administrator; their owner and administrators say who is on them as what."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from accounts.policies import may, require
from lib.verbs import refuse, save_checked
from strategies.access import OPEN_DESK, VIEW, Action, require_on
from strategies.models import Desk, Function, Membership


@transaction.atomic
def open_desk(*, by: User, name: str, currency: str) -> Desk:
    """The desk, with nobody on it yet but the house's administrators."""
    require(by, OPEN_DESK)
    desk = Desk(name=" ".join(name.split()), currency=currency.upper(), made_by=by)
    save_checked(desk)
    audit.record(by=by, action="desk.opened", target=desk, after={"name": desk.name, "currency": desk.currency})
    return desk


@transaction.atomic
def put_on_desk(*, by: User, desk: Desk, person: User, function: Function | str) -> Membership:
    """The person's function on the desk, new, changed or as it was; Invalid for somebody whose role knows no desks."""
    require_on(by, desk, Action.MANAGE)
    if not may(person, VIEW):
        sentence = f"{person.email} is not a member of strategy desks: an administrator gives that role first."
        raise refuse("no_desk_role", "person", sentence)
    membership = Membership.objects.filter(desk=desk, person=person).first() or Membership(desk=desk, person=person)
    before = membership.function
    if membership.pk and before == function:
        return membership
    membership.function = function
    save_checked(membership)
    after = {"person": person.email, "function": str(function)}
    audit.record(by=by, action="desk.member_put", target=desk, before={"function": before}, after=after)
    return membership


@transaction.atomic
def take_off_desk(*, by: User, desk: Desk, person: User) -> None:
    """The person is no longer on the desk; nothing happens where they were not."""
    require_on(by, desk, Action.MANAGE)
    found = Membership.objects.filter(desk=desk, person=person).first()
    if found:
        before = {"person": person.email, "function": found.function}
        audit.record(by=by, action="desk.member_taken_off", target=desk, before=before)
        found.delete()
