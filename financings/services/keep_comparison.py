"""Comparisons under a name: kept, noted and starred, dropped. Whatever they compare, what one keeps is told and ends alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db import transaction

from accounts import audit
from accounts.models import User
from financings.comparison import require_few
from financings.models import Financing, FinancingComparison, KeptComparison
from lib.errors import Forbidden
from lib.verbs import refuse, save_checked

MOST_KEPT = 50
FIELDS = ("name", "note", "is_starred")

Kept = TypeVar("Kept", bound=KeptComparison)


def keep_comparison(*, by: User, financings: Sequence[Financing], name: str) -> FinancingComparison:
    """The comparison under its name; its link opens for whoever may see every financing of it."""
    require_few(len(financings), "financings")
    return keep_codes(FinancingComparison, by=by, codes=[str(each.code) for each in financings], name=name)


@transaction.atomic
def keep_codes(model: type[Kept], *, by: User, codes: list[str], name: str) -> Kept:
    """What these codes name, in their order, under a name that the person has given nothing else of the kind."""
    User.objects.select_for_update().get(pk=by.pk)  # so that two at once are counted one after the other
    theirs = model._default_manager.filter(owner=by)
    if theirs.count() >= MOST_KEPT:
        raise refuse("too_many", "name", f"You keep {MOST_KEPT} such comparisons: drop one first.")
    kept = model(owner=by, name=_free_name(model, by, name), codes=codes)
    save_checked(kept)
    audit.record(by=by, action=f"{model.TOLD_AS}.kept", target=kept, after=_told(kept))
    return kept


@transaction.atomic
def note_comparison(*, by: User, kept: Kept, name: str, note: str, is_starred: bool) -> Kept:
    """The comparison under this name, with a note, starred or not."""
    _require_own(by, kept)
    current = type(kept)._default_manager.select_for_update().get(pk=kept.pk)
    before = _told(current)
    current.name = _free_name(type(kept), by, name, beside=current)
    current.note, current.is_starred = note.strip(), is_starred
    if _told(current) != before:
        save_checked(current, only=FIELDS)
        audit.record(by=by, action=f"{kept.TOLD_AS}.noted", target=current, before=before, after=_told(current))
    return current


@transaction.atomic
def drop_comparison(*, by: User, kept: KeptComparison) -> None:
    """Nothing; the comparison is gone, what it compared stays."""
    _require_own(by, kept)
    audit.record(by=by, action=f"{kept.TOLD_AS}.dropped", target=kept, before=_told(kept))
    kept.delete()


def _require_own(by: User, kept: KeptComparison) -> None:
    if kept.owner_id != by.pk:
        raise Forbidden("Only who kept a comparison changes or drops it.")


def _free_name(model: type[Kept], by: User, name: str, beside: Kept | None = None) -> str:
    given = " ".join(name.split())
    if not given:
        raise refuse("missing", "name", "Name: give the comparison a name.")
    namesakes = model._default_manager.filter(owner=by, name=given).exclude(pk=beside.pk if beside else None)
    if namesakes.exists():
        raise refuse("repeated_name", "name", f"Name: you have a comparison called {given}. Choose another name.")
    return given


def _told(kept: KeptComparison) -> dict[str, object]:
    return {"codes": kept.codes, **{name: getattr(kept, name) for name in FIELDS}}
