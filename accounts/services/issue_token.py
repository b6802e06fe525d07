from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import ApiToken, Scope, User
from accounts.tokens import SHOWN_LENGTH, hash_of_token, new_token, require_enrolled
from lib.errors import Forbidden
from lib.verbs import refuse, save_checked

LONGEST_DAYS = 365
MOST_VALID = 20


@transaction.atomic
def issue_token(*, by: User, name: str, scopes: Collection[str], days: int) -> tuple[ApiToken, str]:
    """The person's new token, and its text: the only time that anybody sees it."""
    if not by.may_sign_in:
        raise Forbidden("Only people who may sign in have tokens.")
    require_enrolled(by)
    _require_sound(by, scopes, days)
    text = new_token()
    token = ApiToken(
        owner=by,
        name=name.strip(),
        beginning=text[:SHOWN_LENGTH],
        token_hash=hash_of_token(text),
        scopes=[scope for scope in Scope.values if scope in scopes],
        expires_at=timezone.now() + timedelta(days=days),
    )
    save_checked(token)
    after = {"name": token.name, "scopes": token.scopes, "expires_at": token.expires_at.isoformat()}
    record(by=by, action="api_token.issued", target=token, after=after)
    return token, text


def _require_sound(by: User, scopes: Collection[str], days: int) -> None:
    if not scopes or not set(scopes) <= set(Scope.values):
        raise refuse("scopes", "scopes", f"Scopes: expected some of {', '.join(Scope.values)}.")
    if not 1 <= days <= LONGEST_DAYS:
        raise refuse("days", "days", f"Days: expected 1 to {LONGEST_DAYS}, got {days}.")
    User.objects.select_for_update().get(pk=by.pk)
    valid = ApiToken.objects.filter(owner=by, revoked_at=None, expires_at__gt=timezone.now()).count()
    if valid >= MOST_VALID:
        raise refuse("too_many", "name", f"You have {valid} valid tokens, the most there may be: revoke one first.")
