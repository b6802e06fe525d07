"""What a kind of versions adds to the house, said once by its room as it joins."""

from collections.abc import Mapping
from typing import Any

from accounts import audit
from accounts.audit_pages.targets import show_at
from accounts.models import Role
from lib import personal
from lib.panels import show
from lib.slots import Context
from notifications import kinds
from records import panels
from records.models import Version

VERBS = ("added", "approved", "copied", "deleted", "edited", "imported", "rejected", "submitted")


def declare_kind(model: type[Version]) -> None:
    """The kind's news, the words of its trail and the page of its versions are known from now on."""
    kind = model.kind
    noun = kind.noun[:1].upper() + kind.noun[1:]
    told = {kind.waiting: f"{noun} to approve", kind.decided: f"{noun} decided"}
    kinds.declare(told, for_administrators=(kind.waiting,))
    audit.declare({f"{kind.name}.{verb}": f"{noun} {verb}" for verb in VERBS})
    personal.hold(model, also=("family", "effective_from", "submitted_at", "decided_at", "decision_reason"))
    panels.include(model)
    show(panels.versions_to_approve, (Role.ADMIN,), 25)
    show_at(model._meta.label, f"{kind.pages}-detail")


def on_pages_of(name: str) -> Context:
    """For a slot of the pages of versions: nothing to add, and None on the pages of every other kind."""

    def context(page: Mapping[str, Any]) -> Mapping[str, Any] | None:
        return {} if page["kind"].name == name else None

    return context
