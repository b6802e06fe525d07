from django.db import transaction
from django.http import HttpRequest

from accounts.access import require_administrator
from accounts.audit import record
from accounts.models import User
from projects.models import AssetClass
from projects.services._saving import save_checked


@transaction.atomic
def add_asset_class(*, by: User, code: str, name: str, request: HttpRequest | None = None) -> AssetClass:
    """The new class, for projects and rating rules to be of; it is never taken away again."""
    require_administrator(by)
    added = AssetClass(code=code.strip(), name=name.strip(), created_by=by)
    save_checked(added)
    record(
        by=by, action="asset_class.added", target=None, after={"code": added.code, "name": added.name}, request=request
    )
    return added
