"""What a person was told, whether they have read it, and whether a mail told them too."""

import uuid

from django.conf import settings
from django.db import models

from notifications.kinds import choices

TITLE_LENGTH = 255


class Notification(models.Model):
    """One thing one person was told; `url` is a path on this site where it can be seen."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=32, choices=choices)
    title = models.CharField(max_length=TITLE_LENGTH)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    # When the mail is to be tried next; nothing where none is wanted, it was sent, or it was given up.
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=["person", "read_at"], name="notification_person_unread"),
            models.Index(fields=["person", "-created_at"], name="notification_person_newest"),
            models.Index(
                fields=["mail_due_at"], name="notification_mail_due", condition=models.Q(mail_due_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return self.title


class DeclinedMail(models.Model):
    """A kind that a person wants to read in the portal only."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="declined_mails")
    kind = models.CharField(max_length=32, choices=choices)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person", "kind"], name="declined_mail_once_per_kind"),)

    def __str__(self) -> str:
        return f"{self.person}: no mail for {self.get_kind_display().lower()}"
