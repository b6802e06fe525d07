"""The queue entries of mails, and the sweep of what no worker has sent: Redis was away, every worker is busy, or the mail server refused a while ago."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from jobs.queue import own_connection, put
from notifications.models import Notification
from notifications.services.send_mail import send_mail

# The queue gets the first chance.
GRACE = timedelta(seconds=10)
AT_ONCE = 50
QUEUE_NAME = "default"


def enqueue_mails(codes: Sequence[str]) -> int:
    """How many entries reached the queue of short work; the sweep sends the others."""
    return sum(put(QUEUE_NAME, "notifications.outbox.send", code) for code in codes)


def send(code: str) -> bool:
    """True when the mail went out with this call, a worker's."""
    with own_connection():
        return send_mail(code)


def sweep() -> int:
    """How many overdue mails were sent; it stops at the first that fails, because the others would too."""
    overdue = Notification.objects.filter(sent_at=None, mail_due_at__lte=timezone.now() - GRACE)
    sent = 0
    for code in list(overdue.order_by("mail_due_at").values_list("code", flat=True)[:AT_ONCE]):
        if not send_mail(code):
            break
        sent += 1
    return sent
