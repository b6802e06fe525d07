from django.db import transaction
from django.db.models import Q

from accounts.models import User
from lib.verbs import refuse
from records.access import require_can_write
from records.models import Status, Version
from records.services._shared import audited, family_locked, record


@transaction.atomic
def delete_draft(*, by: User, version: Version) -> None:
    """Removes a draft; the trail keeps that it was there."""
    require_can_write(by, version.kind)
    draft = family_locked(version, Status.DRAFT, "deleted")
    if (copy := type(draft)._default_manager.filter(Q(based_on=draft)).first()) is not None:
        raise refuse("copied", "status", f"{copy} was copied from this draft: delete that first.")
    record("deleted", draft, by, before=audited(draft))
    draft.delete()
