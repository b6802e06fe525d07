from typing import Any

from django.db import transaction

from accounts.audit import record
from accounts.models import User

PREFERENCES = ("full_name", "organisation", "time_zone", "theme", "number_format", "shows_tour")


@transaction.atomic
def change_preferences(*, by: User, **wanted: str | bool) -> User:
    """The person, with what they set of PREFERENCES; the rest stays."""
    user = User.objects.select_for_update().get(pk=by.pk)
    before = _preferences(user)
    for name in PREFERENCES:
        setattr(user, name, wanted.get(name, getattr(user, name)))
    user.full_clean()
    user.save(update_fields=PREFERENCES)
    after = _preferences(user)
    if before != after:
        record(by=by, action="user.preferences_changed", target=user, before=before, after=after)
    return user


def _preferences(user: User) -> dict[str, Any]:
    return {name: str(getattr(user, name)) for name in PREFERENCES}
