"""Tickets to send mails, on the queue of short jobs. Without Redis there are none, and the sweep sends instead."""

from collections.abc import Sequence

import structlog
from django_rq import get_queue
from redis.exceptions import RedisError

QUEUE_NAME = "default"

log = structlog.get_logger(__name__)


def enqueue_mails(codes: Sequence[str]) -> int:
    """How many tickets reached the queue."""
    try:
        # The caller's transaction is over: the ticket must be there now, not after another commit.
        queue = get_queue(QUEUE_NAME, commit_mode="auto")
        for code in codes:
            queue.enqueue("notifications.jobs.send", code, result_ttl=0, failure_ttl=24 * 60 * 60)
    except (RedisError, OSError) as error:
        log.warning("mails_not_queued", count=len(codes), reason=str(error))
        return 0
    return len(codes)
