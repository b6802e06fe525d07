from datetime import timedelta
from smtplib import SMTPException
from uuid import UUID

import structlog
from django.db.models import F
from django.utils import timezone

from notifications.mails import compose
from notifications.models import Notification

# Whoever sends holds the row this long; a sender that died is followed by another after it.
HELD_FOR = timedelta(minutes=10)
LONGEST_PAUSE = timedelta(hours=6)
MOST_ATTEMPTS = 12

log = structlog.get_logger(__name__)


def send_mail(code: UUID | str) -> bool:
    """True when this call sent the mail; False where it is not due, somebody else sends it, or it could not be sent."""
    now = timezone.now()
    due = Notification.objects.filter(code=code, sent_at=None, mail_due_at__lte=now)
    if not due.update(mail_due_at=now + HELD_FOR, mail_attempts=F("mail_attempts") + 1):
        return False
    notification = Notification.objects.select_related("person").get(code=code)
    if not notification.person.may_sign_in:
        return _settle(notification)
    try:
        compose(notification).send()
    except (SMTPException, OSError) as error:
        return _try_later(notification, error)
    _settle(notification, sent_at=timezone.now())
    return True


def _settle(notification: Notification, **values: object) -> bool:
    Notification.objects.filter(pk=notification.pk).update(mail_due_at=None, **values)
    return False


def _try_later(notification: Notification, error: Exception) -> bool:
    attempts = notification.mail_attempts
    log.warning("mail_not_sent", notification=str(notification.code), attempts=attempts, reason=str(error))
    if attempts >= MOST_ATTEMPTS:
        return _settle(notification)
    pause = min(timedelta(minutes=2 ** (attempts - 1)), LONGEST_PAUSE)
    Notification.objects.filter(pk=notification.pk).update(mail_due_at=timezone.now() + pause)
    return False
