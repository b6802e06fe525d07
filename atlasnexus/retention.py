"""Personal data whose time is over: forgotten once a day, for the watcher."""

from django.core.cache import cache

from accounts.services import purge_personal_data

DAY_SECONDS, PURGED = 24 * 60 * 60, "personal-data-purged"


def purge_due() -> int:
    """How many rows were forgotten; looked for once a day, and again at once where that failed."""
    # Asked first: adding takes the database's only writer, and the watcher comes every few seconds.
    if cache.get(PURGED) or not cache.add(PURGED, 1, DAY_SECONDS):
        return 0
    try:
        return sum(purge_personal_data().values())
    except Exception:
        cache.delete(PURGED)
        raise
