"""A strategy: made on a universe, changed by adding a version until it is approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from lib.canonical import canonical_hash
from lib.verbs import refuse, save_checked
from strategies.access import Action, require_on
from strategies.models import State, Strategy, StrategyVersion, Universe
from strategies.queries import locked, versions_of

FROZEN = (State.APPROVED, State.EXPORTED, State.ARCHIVED)
IN_REVIEW = (State.RISK_REVIEW, State.COMPLIANCE)


@transaction.atomic
def make_strategy(
    *, by: User, universe: Universe, name: str, limits_family: str, content: Mapping[str, Any]
) -> Strategy:
    """The strategy with its first version."""
    require_on(by, universe.desk, Action.RESEARCH)
    strategy = Strategy(
        desk=universe.desk,
        universe=universe,
        name=" ".join(name.split()),
        limits_family=limits_family,
        made_by=by,
    )
    save_checked(strategy)
    after = {"name": strategy.name, "universe": universe.name, "limits": limits_family}
    audit.record(by=by, action="strategy.made", target=strategy, after=after)
    _add(by, strategy, content, note="", number=1)
    return strategy


@transaction.atomic
def change_strategy(
    *,
    by: User,
    strategy: Strategy,
    parts: Mapping[str, Any],
    note: str = "",
    based_on: int | None = None,
) -> StrategyVersion:
    """The next version, with `parts` of the content in place of the last one's; Invalid where it is frozen, in review,
    changed meanwhile or not changed at all."""
    require_on(by, strategy.desk, Action.RESEARCH)
    held = locked(strategy)
    if held.state in (*FROZEN, *IN_REVIEW):
        sentence = f"{held} stands at {held.get_state_display().lower()}: it is not changed there."
        raise refuse("frozen", "state", sentence)
    before = versions_of(held)[0]
    if based_on is not None and based_on != before.number:
        sentence = f"Somebody saved version {before.number} meanwhile: open it, and make your change there."
        raise refuse("changed_meanwhile", "version", sentence)
    content = {**before.content, **parts}
    if content == before.content:
        raise refuse("nothing_new", "version", f"Nothing differs from version {before.number}.")
    return _add(by, held, content, note=note, number=before.number + 1)


def _add(by: User, strategy: Strategy, content: Mapping[str, Any], *, note: str, number: int) -> StrategyVersion:
    version = StrategyVersion(
        strategy=strategy,
        number=number,
        content=dict(content),
        content_hash=canonical_hash(content),
        note=" ".join(note.split()),
        made_by=by,
    )
    save_checked(version, exclude=("content_hash",))
    after = {"version": number, "hash": version.content_hash, "note": version.note}
    audit.record(by=by, action="strategy.changed", target=strategy, after=after)
    return version
