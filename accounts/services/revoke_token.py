from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import ApiToken, User
from accounts.tokens import get_token


@transaction.atomic
def revoke_token(*, by: User, token: ApiToken) -> ApiToken:
    """The token, which opens nothing from now on; nothing happens to one revoked before. NotFound for outsiders."""
    get_token(by, token.code)
    current = ApiToken.objects.select_for_update(of=("self",)).select_related("owner").get(pk=token.pk)
    if current.revoked_at is not None:
        return current
    current.revoked_at, current.revoked_by = timezone.now(), by
    current.save(update_fields=["revoked_at", "revoked_by"])
    after = {"name": current.name, "owner": current.owner.email}
    record(by=by, action="api_token.revoked", target=current, after=after)
    return current
