from django.db import transaction

from accounts.audit import record
from accounts.models import User
from tables.access import require_owner
from tables.models import SavedView
from tables.services._shared import told


@transaction.atomic
def delete_view(*, by: User, view: SavedView) -> None:
    """Nothing is left but the entry; Forbidden for anybody but the owner."""
    require_owner(by, view)
    record(by=by, action="saved_view.deleted", target=view, before=told(view))
    view.delete()
