from collections.abc import Mapping
from datetime import date

from django.db import transaction

from accounts.models import User
from lib.verbs import refuse, save_checked
from records.access import require_can_write
from records.cells import changes
from records.editing import Typed, changed_content
from records.models import Status, V, Version
from records.services._shared import audited_cells, family_locked, record, with_content

HEAD = ("name", "effective_from", "notes")


@transaction.atomic
def edit_version(
    *,
    by: User,
    version: V,
    revision: int,
    cells: Mapping[str, Typed] | None = None,
    name: str | None = None,
    effective_from: date | None = None,
    notes: str | None = None,
) -> V:
    """The draft with cells and head changed; `revision` is the one the person saw, refused once another is saved.

    Faults of the content do not keep a draft from being saved: they keep it from being submitted.
    """
    require_can_write(by, version.kind)
    draft = family_locked(version, Status.DRAFT, "edited")
    _require_seen(draft, revision)
    old_content, old_head = draft.content, _head(draft)
    draft.name = draft.name if name is None else name.strip()
    draft.notes = draft.notes if notes is None else notes.strip()
    draft.effective_from = effective_from or draft.effective_from
    with_content(draft, changed_content(draft.kind, old_content, cells or {}))
    found = changes(draft.kind, old_content, draft.content)
    if not found and old_head == _head(draft):
        return draft
    draft.revision += 1
    save_checked(draft)
    before, after = audited_cells(found)
    changed = {key: value for key, value in _head(draft).items() if value != old_head[key]}
    record("edited", draft, by, {**{key: old_head[key] for key in changed}, **before}, {**changed, **after})
    return draft


def _require_seen(draft: Version, revision: int) -> None:
    if draft.revision != revision:
        message = "Somebody saved this draft meanwhile: open it again, then make your changes."
        raise refuse("edited_meanwhile", "revision", message)


def _head(version: Version) -> dict[str, str]:
    return {key: str(getattr(version, key)) for key in HEAD}
