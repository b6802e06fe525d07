"""What can be done with notifications, one verb a file."""

from notifications.services.notify import notify

__all__ = ["notify"]
