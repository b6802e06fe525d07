"""What can be done with notifications, one verb a file."""

from notifications.services.choose_mails import choose_mails
from notifications.services.close_news import close_news
from notifications.services.mark_read import mark_read
from notifications.services.notify import notify
from notifications.services.send_mail import send_mail

__all__ = ["choose_mails", "close_news", "mark_read", "notify", "send_mail"]
