"""Mails as they are sent: one person each, text with an HTML twin."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from lib.mail import absolute_url
from notifications.models import Notification


def compose(notification: Notification) -> EmailMultiAlternatives:
    """The mail that tells one person of one thing; always the same message, so that a second copy is known as one."""
    context: dict[str, Any] = {
        "notification": notification,
        "person": notification.person,
        "link": absolute_url(reverse("notification-open", args=[notification.code]), None),
        "settings_link": absolute_url(reverse("notification-settings"), None),
        "site": settings.ATLASNEXUS_URL,
    }
    mail = EmailMultiAlternatives(
        subject=notification.title,
        body=render_to_string("notifications/mail/notification.txt", context),
        to=[notification.person.email],
        headers={"Message-ID": f"<{notification.code}@{_host()}>", "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string("notifications/mail/notification.html", context), "text/html")
    return mail


def _host() -> str:
    return urlsplit(settings.ATLASNEXUS_URL).hostname or "localhost"
