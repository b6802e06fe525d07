from collections.abc import Mapping
from datetime import date

from django.db import transaction

from accounts.audit import record
from accounts.models import User
from engine.errors import Problem
from lib.errors import Invalid
from lib.verbs import save_checked
from ratings.access import require_can_write
from ratings.cells import changes
from ratings.editing import Typed, changed_content
from ratings.models import RuleSet, RuleSetStatus
from ratings.services.saving import audited_cells, family_locked, require_status, with_content

HEAD = ("name", "effective_from", "notes")


@transaction.atomic
def edit_rule_set(
    *,
    by: User,
    rule_set: RuleSet,
    revision: int,
    cells: Mapping[str, Typed] | None = None,
    name: str | None = None,
    effective_from: date | None = None,
    notes: str | None = None,
) -> RuleSet:
    """The draft with cells and head changed; `revision` is the one the person saw, refused once another is saved.

    Faults of the rules do not keep a draft from being saved: they keep it from being submitted.
    """
    require_can_write(by)
    draft = family_locked(rule_set)
    require_status(draft, RuleSetStatus.DRAFT, "edited")
    _require_seen(draft, revision)
    old_content, old_head = draft.content, _head(draft)
    draft.name = draft.name if name is None else name.strip()
    draft.notes = draft.notes if notes is None else notes.strip()
    draft.effective_from = effective_from or draft.effective_from
    with_content(draft, changed_content(old_content, cells or {}))
    found = changes(old_content, draft.content)
    if not found and old_head == _head(draft):
        return draft
    draft.revision += 1
    save_checked(draft)
    before, after = audited_cells(found)
    changed = {key: value for key, value in _head(draft).items() if value != old_head[key]}
    record(
        by=by,
        action="rule_set.edited",
        target=draft,
        before={**{key: old_head[key] for key in changed}, **before},
        after={**changed, **after},
    )
    return draft


def _require_seen(draft: RuleSet, revision: int) -> None:
    if draft.revision != revision:
        message = "Somebody saved this draft meanwhile: open it again, then make your changes."
        raise Invalid([Problem("edited_meanwhile", "revision", message)])


def _head(rule_set: RuleSet) -> dict[str, str]:
    return {key: str(getattr(rule_set, key)) for key in HEAD}
