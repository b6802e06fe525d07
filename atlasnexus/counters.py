"""Counters of rate limits and used codes: kept until they expire, whatever else is kept beside them."""

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

HOUR, SWEPT = 60 * 60, "counters-swept"


def forget_expired() -> int:
    """How many left the table because their time was over; looked for once an hour."""
    # Asked first: adding takes the database's only writer, and the watcher comes every few seconds.
    if cache.get(SWEPT) or not cache.add(SWEPT, 1, HOUR):
        return 0
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    now = connection.ops.adapt_datetimefield_value(timezone.now().replace(microsecond=0))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])  # noqa: S608 - the name is a setting
        return int(cursor.rowcount)
