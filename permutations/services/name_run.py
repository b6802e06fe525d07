"""What people call a run, and what they note of it; what it asked and found stays as it is."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from lib.verbs import save_checked
from permutations.access import require_can_run
from permutations.models import Run

FIELDS = ("given_name", "note", "is_starred")


@transaction.atomic
def name_run(*, by: User, run: Run, name: str, note: str, is_starred: bool) -> Run:
    """The run under its name; an empty one names it by its time again."""
    require_can_run(by)
    current = Run.objects.select_for_update().defer("summary").get(code=run.code)
    before = _told(current)
    current.given_name, current.note, current.is_starred = " ".join(name.split()), note.strip(), is_starred
    after = _told(current)
    if after != before:
        save_checked(current, only=FIELDS)
        audit.record(by=by, action="run.named", target=current, before=before, after=after)
    return current


def _told(run: Run) -> dict[str, object]:
    return {name: getattr(run, name) for name in FIELDS}
