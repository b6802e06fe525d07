"""Projects and their immutable snapshots."""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinLengthValidator, ProhibitNullCharactersValidator
from django.db import models
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Lower

from lib.canonical import canonical_hash
from lib.errors import AppendOnlyError
from lib.text import has_unprintable
from lib.written_once import WrittenOnce
from projects.attachments.models import Attachment  # noqa: F401 - a model of this app, kept in its own room
from projects.noughts import without_old_noughts

TITLE_LENGTH = 255
NOTE_LENGTH = 4_000
PLACE_LENGTH = 200
SERIES_TITLE_LENGTH = 120


class Status(models.TextChoices):
    """Where a project stands; only active and completed ones can be snapshotted and run."""

    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    COMPLETED = "completed", "Completed"
    ARCHIVED = "archived", "Archived"
    DELETED = "deleted", "Deleted"


DATA_CENTRE = "data_centre"


class AssetClass(models.Model):
    """What is financed, beside the data centres that are always known: rating rules are written for one of these."""

    code = models.SlugField(
        max_length=40, unique=True, help_text="Short and without spaces; it names families of rules."
    )
    name = models.CharField(max_length=80, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "asset classes"
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(code=DATA_CENTRE),
                name="asset_class_beside_data_centres",
                violation_error_message="Data centres are known already.",
            ),
        )

    def __str__(self) -> str:
        return self.name


UNPRINTABLE_TITLE = "Title: expected plain text, got control characters in it. Retype it."


class Series(models.Model):
    """A folder of one owner's projects; the owner orders them, and the projects within."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="series")
    title = models.CharField(
        max_length=SERIES_TITLE_LENGTH, validators=[MinLengthValidator(1), ProhibitNullCharactersValidator()]
    )
    position = models.PositiveIntegerField(default=0, help_text="Among the owner's series.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("position", "pk")
        verbose_name_plural = "series"
        constraints = (
            models.UniqueConstraint(
                "owner",
                Lower("title"),
                name="series_title_once_an_owner",
                violation_error_message="Expected a name that no other series of the owner has.",
            ),
        )

    def __str__(self) -> str:
        return self.title


class Project(models.Model):
    """One project of one owner: a title and its inputs, checked by the engine's own rules."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="projects")
    organisation = models.ForeignKey(
        "accounts.Organisation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="projects",
        help_text="Whose members see it; without one it is its owner's alone.",
    )
    title = models.CharField(
        max_length=TITLE_LENGTH, validators=[MinLengthValidator(1), ProhibitNullCharactersValidator()]
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.DRAFT)
    inputs = models.JSONField(
        default=dict, blank=True, help_text="As ProjectInputs.to_dict() gives them; a draft may hold a part."
    )
    version = models.PositiveIntegerField(default=1, help_text="Counts edits; an edit names the version it read.")
    closed_from = models.CharField(
        max_length=16, choices=Status, blank=True, default="", help_text="Its status before it was put away."
    )
    asset_class = models.CharField(
        max_length=40, default=DATA_CENTRE, help_text="Runs take rating rules of this class, and of no other."
    )
    series = models.ForeignKey(Series, null=True, blank=True, on_delete=models.SET_NULL, related_name="projects")
    position = models.PositiveIntegerField(default=0, help_text="Within its series; a new project comes first.")
    # What lists show and filter by: the database keeps them, so that no list reads whole inputs.
    country = models.GeneratedField(
        expression=KT("inputs__country"), output_field=models.CharField(max_length=8, null=True), db_persist=True
    )
    currency = models.GeneratedField(
        expression=KT("inputs__currency"), output_field=models.CharField(max_length=8, null=True), db_persist=True
    )
    gross_facility_mw = models.GeneratedField(
        expression=Cast(KT("inputs__power__gross_facility_mw"), models.FloatField()),
        output_field=models.FloatField(null=True),
        db_persist=True,
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-updated_at", "-id")
        indexes = (
            models.Index(fields=["owner", "status"], name="project_owner_status"),
            models.Index(fields=["status", "-updated_at"], name="project_status_updated"),
            models.Index(fields=["owner", "series", "position"], name="project_owner_order"),
            models.Index(fields=["-updated_at", "-id"], name="project_updated"),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="project_status_known"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="project_version_positive"),
        )

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if has_unprintable(self.title):
            raise ValidationError({"title": UNPRINTABLE_TITLE})

    @property
    def is_complete(self) -> bool:
        """True when every input was accepted, so a snapshot can be taken."""
        return self.status in {Status.ACTIVE, Status.COMPLETED}

    @property
    def is_closed(self) -> bool:
        """True when the project is put away and accepts no edits."""
        return self.status in {Status.ARCHIVED, Status.DELETED}


class Snapshot(WrittenOnce):
    """The inputs of a project as they stood once; never changed, named by the hash of their content."""

    never_changed = "A snapshot is never changed: take another one."
    never_deleted = "A snapshot is never deleted: runs refer to it."

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="snapshots")
    version = models.PositiveIntegerField(help_text="1 for the first snapshot of the project, and so on.")
    content = models.JSONField(help_text="The inputs, as the engine reads them.")
    content_hash = models.CharField(max_length=64, editable=False, help_text="SHA-256 of the canonical text.")
    # Empty for snapshots from before an entered 0 held; no trigger lets them be told otherwise.
    nought_holds = models.BooleanField(null=True, editable=False)
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

    def clean(self) -> None:
        expected = canonical_hash(self.content)
        if self.content_hash != expected:
            raise ValidationError({"content_hash": f"expected {expected} for this content, got {self.content_hash}"})

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs as the engine reads them today."""
        content: dict[str, Any] = self.content
        return content if self.nought_holds else without_old_noughts(content)


class SubmissionStatus(models.TextChoices):
    """Where a submission stands; every status but pending is final."""

    PENDING = "pending", "Waiting for review"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    SUPERSEDED = "superseded", "Replaced by a newer one"


class Submission(models.Model):
    """A snapshot put up for review; with a `base`, a request to change the approved snapshot it names."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="submissions")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="submissions")
    base = models.ForeignKey(
        Snapshot,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="change_requests",
        help_text="The approved snapshot when it was submitted; empty for a first submission.",
    )
    status = models.CharField(max_length=12, choices=SubmissionStatus, default=SubmissionStatus.PENDING)
    note = models.TextField(blank=True, max_length=NOTE_LENGTH, help_text="What the submitter says about it.")
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions")
    submitted_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, max_length=NOTE_LENGTH, help_text="Why it was decided so.")

    class Meta:
        ordering = ("-submitted_at", "-id")
        indexes = (
            models.Index(fields=["status", "-submitted_at"], name="submission_status_submitted"),
            models.Index(fields=["project", "status"], name="submission_project_status"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(status="pending"), name="submission_one_pending"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=SubmissionStatus.values), name="submission_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status="pending", decided_at=None)
                | (~models.Q(status="pending") & models.Q(decided_at__isnull=False)),
                name="submission_decided_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="rejected", reason=""), name="submission_rejected_with_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.project} v{self.snapshot.version}, {self.get_status_display().lower()}"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("A submission is never deleted: withdraw it.")

    @property
    def is_pending(self) -> bool:
        """True while it waits for an administrator."""
        return self.status == SubmissionStatus.PENDING

    @property
    def is_change_request(self) -> bool:
        """True when it would replace an approved snapshot."""
        return self.base_id is not None

    @property
    def kind_label(self) -> str:
        """What is asked for, in words."""
        return "Change request" if self.is_change_request else "First submission"


class SubmissionComment(models.Model):
    """What somebody said about a submission, or about one of its inputs; settled once it is dealt with."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="comments")
    place = models.CharField(
        max_length=PLACE_LENGTH, blank=True, help_text="The path of the input; empty for the submission as a whole."
    )
    text = models.TextField(max_length=NOTE_LENGTH)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("made_at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(settled_by=None, settled_at=None)
                | models.Q(settled_by__isnull=False, settled_at__isnull=False),
                name="comment_settled_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"Comment on {self.submission}"


class ProjectDraft(models.Model):
    """What somebody typed into a project's form and has not saved; each person's own, one a project.

    It keeps the entries letter by letter, unsound ones too, and the project as it stood when they were begun.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="project_drafts")
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.PROTECT, related_name="drafts")
    door = models.CharField(max_length=16)
    typed = models.JSONField(default=dict, blank=True, help_text="Entries by field name, as typed.")
    base = models.JSONField(default=dict, blank=True, help_text="Version, title and inputs that the entries change.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-updated_at", "-id")
        constraints = (models.UniqueConstraint(fields=["person", "project"], name="draft_once_per_person_and_project"),)

    def __str__(self) -> str:
        return str(self.typed.get("title") or "Untitled project")
