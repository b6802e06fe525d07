from typing import IO

from django.core.cache import cache

from accounts.audit import record
from accounts.models import User
from accounts.own_data import archive_of
from lib.verbs import refuse

PAUSE_SECONDS = 60


def export_own_data(*, by: User) -> IO[bytes]:
    """All that the platform holds of the person as an open ZIP file, made now and kept nowhere; once a minute."""
    if not cache.add(f"own-data:{by.pk}", 1, PAUSE_SECONDS):
        raise refuse("too_soon", "", "Your data were put together a moment ago: ask again in a minute.")
    file, counts = archive_of(by)
    record(by=by, action="user.data_exported", target=by, after={"rows": sum(counts.values()), "kinds": len(counts)})
    return file
