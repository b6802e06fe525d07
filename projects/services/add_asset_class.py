from django.db import transaction

from accounts.access import require_administrator
from accounts.audit import record
from accounts.models import User
from lib.verbs import save_checked
from projects.models import AssetClass


@transaction.atomic
def add_asset_class(*, by: User, code: str, name: str) -> AssetClass:
    """The new class, for projects and rating rules to be of; it is never taken away again."""
    require_administrator(by)
    added = AssetClass(code=code.strip(), name=name.strip(), created_by=by)
    save_checked(added)
    record(by=by, action="asset_class.added", target=None, after={"code": added.code, "name": added.name})
    return added
