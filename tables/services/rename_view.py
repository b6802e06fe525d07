from django.db import transaction

from accounts.audit import record
from accounts.models import User
from tables.access import require_owner
from tables.models import SavedView
from tables.services._shared import save_named


@transaction.atomic
def rename_view(*, by: User, view: SavedView, name: str) -> SavedView:
    """The view under another name; Forbidden for anybody but its owner."""
    require_owner(by, view)
    current = SavedView.objects.select_for_update().get(pk=view.pk)
    before = {"name": current.name}
    save_named(current, name)
    record(by=by, action="saved_view.renamed", target=current, before=before, after={"name": current.name})
    return current
