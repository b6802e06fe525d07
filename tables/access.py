"""Who may open and change saved views: the owner both, whoever has the link of a shared one the first.

A view says nothing of any table's rows: whether somebody may see those, the table's own page asks.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from accounts.models import User
from lib.errors import Forbidden, NotFound
from tables.models import SavedView

NO_SUCH_VIEW = "There is no such view of this table."


def get_view(person: User, kind: str, code: UUID | str) -> SavedView:
    """The view of this kind of table, own or shared; NotFound otherwise."""
    found = _visible(person, code, kind=kind)
    if found is None:
        raise NotFound(NO_SUCH_VIEW)
    return found


def get_view_to_change(person: User, code: UUID | str) -> SavedView:
    """The view; NotFound for whoever may not know of it, Forbidden for those who may only open it."""
    found = _visible(person, code)
    if found is None:
        raise NotFound(NO_SUCH_VIEW)
    require_owner(person, found)
    return found


def require_owner(person: User, view: SavedView) -> None:
    """Raises Forbidden unless the view is the person's."""
    if not person.may_sign_in or view.owner_id != person.pk:
        raise Forbidden("Only its owner changes a view: save one of your own instead.")


def _visible(person: User, code: UUID | str, **of: str) -> SavedView | None:
    try:
        wanted = UUID(str(code))
    except ValueError:
        return None
    return SavedView.objects.filter(Q(owner=person) | Q(is_shared=True), code=wanted, **of).first()
