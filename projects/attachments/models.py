"""The row of each file kept with a project."""

import uuid

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from django.db import models

from projects.attachments.names import LONGEST_NAME


class Purpose(models.TextChoices):
    """Why a file is kept."""

    DOCUMENT = "document", "Document"
    WORKBOOK = "workbook", "Workbook of inputs"


class Attachment(models.Model):
    """A file of one project: its name, and the hash under which its content lies. Deleting hides it, nothing more."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="attachments")
    purpose = models.CharField(max_length=16, choices=Purpose, default=Purpose.DOCUMENT)
    name = models.CharField(max_length=LONGEST_NAME, validators=[ProhibitNullCharactersValidator()])
    content_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    content_hash = models.CharField(max_length=64, validators=[RegexValidator("^[0-9a-f]{64}$")])
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-added_at", "-pk")
        indexes = (models.Index(fields=["project", "deleted_at"], name="attachment_project_kept"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(purpose__in=Purpose.values), name="attachment_purpose_known"),
        )

    def __str__(self) -> str:
        return self.name
