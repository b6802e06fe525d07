"""Queue jobs of the room: each takes ids, calls one verb, and may run twice."""

from jobs.queue import own_connection
from notifications.services.send_mail import send_mail


def send(code: str) -> bool:
    """True when the mail went out with this job."""
    with own_connection():
        return send_mail(code)
