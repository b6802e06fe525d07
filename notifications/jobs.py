"""Queue jobs of the room: each takes ids, calls one verb, and may run twice."""

from django.db import close_old_connections

from notifications.services.send_mail import send_mail


def send(code: str) -> bool:
    """True when the mail went out with this job."""
    close_old_connections()
    try:
        return send_mail(code)
    finally:
        close_old_connections()
