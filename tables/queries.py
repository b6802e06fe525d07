"""Reading saved views."""

from __future__ import annotations

from accounts.models import User
from tables.models import SavedView


def views_of(person: User, kind: str) -> list[SavedView]:
    """The views a person keeps of a kind of table, by name."""
    return list(SavedView.objects.filter(owner=person, kind=kind))
