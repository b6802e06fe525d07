"""A universe: made empty, its members put in with the days on which they are in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from lib.verbs import save_checked
from strategies.access import Action, require_on
from strategies.models import Desk, Universe


@transaction.atomic
def make_universe(*, by: User, desk: Desk, name: str, members: Sequence[Mapping[str, Any]] = ()) -> Universe:
    """The universe with its members."""
    require_on(by, desk, Action.DATA)
    universe = Universe(desk=desk, name=" ".join(name.split()), members=[dict(row) for row in members], made_by=by)
    save_checked(universe)
    audit.record(by=by, action="universe.made", target=universe, after={"name": universe.name, "members": len(members)})
    return universe
