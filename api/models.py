"""What the API keeps: answers under their idempotency keys, and programs that want to be told."""

from __future__ import annotations

import uuid

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


class Webhook(models.Model):
    """An address of a program that is told what its owner is told; each delivery is signed with its secret."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=500)
    secret = models.TextField(editable=False, help_text="Encrypted.")
    kinds = models.JSONField(default=list, blank=True, help_text="Kinds of news; none are all.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.url


class DeliveryState(models.TextChoices):
    """Whether a delivery waits for its next attempt, arrived, or was given up."""

    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"


class Delivery(models.Model):
    """One thing one webhook is told, and what became of each attempt: the log is the rows."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=32)
    body = models.JSONField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True, help_text="The last answer's.")
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name_plural = "deliveries"
        indexes = (
            models.Index(fields=("due_at",), name="delivery_due", condition=models.Q(state="waiting")),
            models.Index(fields=("webhook", "-created_at"), name="delivery_of_webhook_newest"),
        )

    def __str__(self) -> str:
        return f"{self.kind} to {self.webhook}: {self.state}"
