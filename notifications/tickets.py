"""Queue entries of mails, on the queue of short jobs. Without Redis there are none, and the sweep sends instead."""

from collections.abc import Sequence

from jobs.queue import put

QUEUE_NAME = "default"


def enqueue_mails(codes: Sequence[str]) -> int:
    """How many entries reached the queue."""
    return sum(put(QUEUE_NAME, "notifications.jobs.send", code) for code in codes)
