"""Projects and their immutable snapshots."""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator, ProhibitNullCharactersValidator
from django.db import models

from accounts.models import AppendOnlyError
from projects.canonical import canonical_hash

TITLE_LENGTH = 255


class Status(models.TextChoices):
    """Where a project stands; only active and completed ones can be snapshotted and run."""

    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    COMPLETED = "completed", "Completed"
    ARCHIVED = "archived", "Archived"
    DELETED = "deleted", "Deleted"


class Project(models.Model):
    """One project of one owner: a title and its inputs, checked by the engine's own rules."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="projects")
    title = models.CharField(
        max_length=TITLE_LENGTH, validators=[MinLengthValidator(1), ProhibitNullCharactersValidator()]
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.DRAFT)
    inputs = models.JSONField(
        default=dict, blank=True, help_text="As ProjectInputs.to_dict() gives them; a draft may hold a part."
    )
    version = models.PositiveIntegerField(default=1, help_text="Counts edits; an edit names the version it read.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-updated_at", "-id")
        indexes = (
            models.Index(fields=["owner", "status"], name="project_owner_status"),
            models.Index(fields=["status", "-updated_at"], name="project_status_updated"),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="project_status_known"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="project_version_positive"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def is_complete(self) -> bool:
        """True when every input was accepted, so a snapshot can be taken."""
        return self.status in {Status.ACTIVE, Status.COMPLETED}

    @property
    def is_closed(self) -> bool:
        """True when the project is put away and accepts no edits."""
        return self.status in {Status.ARCHIVED, Status.DELETED}


class Snapshot(models.Model):
    """The inputs of a project as they stood once; never changed, named by the hash of their content."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="snapshots")
    version = models.PositiveIntegerField(help_text="1 for the first snapshot of the project, and so on.")
    content = models.JSONField(help_text="The inputs, as the engine reads them.")
    content_hash = models.CharField(max_length=64, editable=False, help_text="SHA-256 of the canonical text.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("project_id", "-version")
        constraints = (
            models.UniqueConstraint(fields=["project", "content_hash"], name="snapshot_once_per_content"),
            models.UniqueConstraint(fields=["project", "version"], name="snapshot_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.project} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("A snapshot is never changed: take another one.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("A snapshot is never deleted: runs refer to it.")

    def clean(self) -> None:
        expected = canonical_hash(self.content)
        if self.content_hash != expected:
            raise ValidationError({"content_hash": f"expected {expected} for this content, got {self.content_hash}"})
