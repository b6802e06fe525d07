"""A universe: made empty, its members put in with the days on which they are in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine.errors import Problem
from lib.errors import Invalid
from lib.verbs import save_checked
from strategies.access import Action, require_on
from strategies.members import MOST_MEMBERS, joined, overlaps, read_members
from strategies.models import Desk, Universe


@transaction.atomic
def make_universe(*, by: User, desk: Desk, name: str, members: Sequence[Mapping[str, Any]] = ()) -> Universe:
    """The universe with its members."""
    require_on(by, desk, Action.DATA)
    universe = Universe(desk=desk, name=" ".join(name.split()), members=[dict(row) for row in members], made_by=by)
    save_checked(universe)
    audit.record(by=by, action="universe.made", target=universe, after={"name": universe.name, "members": len(members)})
    return universe


@transaction.atomic
def put_members(*, by: User, universe: Universe, rows: Sequence[Mapping[str, Any]]) -> Universe:
    """The universe with these stays joined in: one of the same id and first day is replaced, none is lost.

    Invalid with every fault by row; what is wrong with one leaves all out.
    """
    require_on(by, universe.desk, Action.DATA)
    held = Universe.objects.select_for_update().select_related("desk").get(pk=universe.pk)
    found, problems = read_members(rows)
    members = joined(held.members, found)
    problems = problems or overlaps(members)
    if len(members) > MOST_MEMBERS:
        problems = [Problem("too_many", "members", f"Expected at most {MOST_MEMBERS:,} stays, got {len(members):,}.")]
    if problems:
        raise Invalid(problems)
    before = {_key(row): row for row in held.members}
    changed = [row for row in members if before.get(_key(row)) != row]
    held.members = members
    save_checked(held)
    after = {"changed": len(changed), "first": changed[:20]}
    audit.record(by=by, action="universe.members_put", target=held, after=after)
    return held


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["ident"], row["from_date"]
