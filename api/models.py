"""What the API keeps: answers under their idempotency keys."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

KEY_LENGTH = 255


class KeptAnswer(models.Model):
    """What a person's request under an idempotency key was answered; without a status while it is being answered."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=KEY_LENGTH)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, address and body.")
    begun_at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")

    class Meta:
        ordering = ("-begun_at",)
        constraints = (models.UniqueConstraint(fields=("owner", "key"), name="one_answer_of_a_key"),)
        indexes = (models.Index(fields=("begun_at",), name="kept_answer_by_age"),)

    def __str__(self) -> str:
        return f"{self.key}: {self.status or 'under way'}"
