"""Sends what no job has sent: Redis was away, every worker is busy, or the mail server refused a while ago."""

import threading
from datetime import timedelta

import structlog
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from notifications.models import Notification
from notifications.services.send_mail import send_mail

# The queue gets the first chance.
GRACE = timedelta(seconds=10)
LOOK_SECONDS = 5.0
AT_ONCE = 50

log = structlog.get_logger(__name__)


def sweep() -> int:
    """How many overdue mails were sent; it stops at the first that fails, because the others would too."""
    overdue = Notification.objects.filter(sent_at=None, mail_due_at__lte=timezone.now() - GRACE)
    sent = 0
    for code in list(overdue.order_by("mail_due_at").values_list("code", flat=True)[:AT_ONCE]):
        if not send_mail(code):
            break
        sent += 1
    return sent


def sweep_until(stop: threading.Event, seconds: float = LOOK_SECONDS) -> None:
    """Sweeps every few seconds until asked to stop; for a thread, because a mail server may take its time."""
    while not stop.wait(seconds):
        close_old_connections()
        try:
            sweep()
        except DatabaseError as error:
            log.warning("sweep_failed", reason=str(error))
    connection.close()
