from django.db import transaction

from accounts.audit import record
from accounts.models import User
from lib.verbs import save_checked
from tables.access import require_owner
from tables.models import SavedView


@transaction.atomic
def share_view(*, by: User, view: SavedView, is_shared: bool) -> SavedView:
    """The view, its link open to others or not; Forbidden for anybody but its owner."""
    require_owner(by, view)
    current = SavedView.objects.select_for_update().get(pk=view.pk)
    before = {"is_shared": current.is_shared}
    current.is_shared = is_shared
    save_checked(current)
    record(by=by, action="saved_view.shared", target=current, before=before, after={"is_shared": is_shared})
    return current
