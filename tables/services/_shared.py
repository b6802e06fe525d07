"""What the verbs of saved views share."""

from __future__ import annotations

from typing import Any

from lib.verbs import refuse, save_checked
from tables.models import NAME_LENGTH, SavedView


def save_named(view: SavedView, name: str) -> None:
    """The view saved under the name; Invalid where that is none, too long, or another view's of the same owner."""
    view.name = " ".join(name.split())
    if not view.name:
        raise refuse("missing", "name", "Name: give the view a name.")
    if len(view.name) > NAME_LENGTH:
        raise refuse("too_long", "name", f"Name: expected up to {NAME_LENGTH} characters, got {len(view.name)}.")
    namesakes = SavedView.objects.filter(owner=view.owner, kind=view.kind, name=view.name).exclude(pk=view.pk)
    if namesakes.exists():
        raise refuse("repeated_name", "name", f"Name: you have a view called {view.name}. Choose another name.")
    save_checked(view)


def told(view: SavedView) -> dict[str, Any]:
    """The view as the audit trail keeps it."""
    return {"name": view.name, "kind": view.kind, "query": view.query, "is_shared": view.is_shared}
