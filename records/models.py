"""Versions of data: drafted by one administrator, approved by another, and then never changed."""

import uuid
from typing import Any, ClassVar, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from lib.canonical import canonical_hash
from lib.columns import person_column
from lib.errors import AppendOnlyError
from records.kinds import RecordKind
from records.problems import content_problems


class Status(models.TextChoices):
    """A draft may be worked on; once active a version stays as it is, and retires when the next one takes over."""

    DRAFT = "draft", "Draft"
    WAITING = "waiting", "Waiting for approval"
    ACTIVE = "active", "Active"


def version_constraints(prefix: str) -> tuple[models.BaseConstraint, ...]:
    """What the database holds for every kind; `prefix` begins the constraints' names."""
    return (
        models.UniqueConstraint(fields=["family", "version"], name=f"{prefix}_version_once"),
        models.UniqueConstraint(
            fields=["family", "effective_from"],
            condition=models.Q(status="active"),
            name=f"{prefix}_one_active_a_day",
            violation_error_message="Another active version of this family is effective from the same day.",
        ),
        models.CheckConstraint(condition=models.Q(version__gte=1), name=f"{prefix}_version_positive"),
        models.CheckConstraint(condition=models.Q(status__in=Status.values), name=f"{prefix}_status_known"),
    )


class Version(models.Model):
    """One version of one family of a kind, in the form that the engine reads.

    A kind's model names its `kind`, its constraints by `version_constraints`, and its migration refuses changes of
    active rows by trigger.
    """

    kind: ClassVar[RecordKind]

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    family = models.SlugField(max_length=60, help_text="Versions of one family follow each other.")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    status = models.CharField(max_length=16, choices=Status, default=Status.DRAFT)
    effective_from = models.DateField(help_text="In force from this day until a later version is.")
    content = models.JSONField(help_text="The tables, each value with provenance and source.")
    content_hash = models.CharField(max_length=64, editable=False, help_text="SHA-256 of the canonical text.")
    notes = models.TextField(blank=True, help_text="What the version is, and where it comes from.")
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="copies")
    revision = models.PositiveIntegerField(default=1, help_text="Counts the changes of the draft.")
    created_by = person_column(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_by = person_column(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_by = person_column(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True, help_text="Why the version was sent back, or what was said.")

    class Meta:
        abstract = True
        ordering = ("family", "-version")

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_if_active("changed: add the next version")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Where the version is read."""
        return reverse(f"{self.kind.pages}-detail", args=[self.code])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_if_active("deleted: what was computed refers to it")
        return super().delete(*args, **kwargs)

    @property
    def label(self) -> str:
        """Family and version, the name that is kept elsewhere: "agency-value/2"."""
        return f"{self.family}/{self.version}"

    @property
    def is_draft(self) -> bool:
        """True while the version may be worked on."""
        return self.status == Status.DRAFT

    @property
    def is_waiting(self) -> bool:
        """True while another administrator has to decide."""
        return self.status == Status.WAITING

    @property
    def is_final(self) -> bool:
        """True once approved: never changed again."""
        return self.status == Status.ACTIVE

    @property
    def scope(self) -> str:
        """What a version is for, in words, where its kind tells versions apart so."""
        return ""

    def scopes(self) -> dict[str, str]:
        """What else a copy may be for, in words by code."""
        return {}

    def copied_to(self, scope: str) -> dict[str, Any]:
        """Family and columns of a copy, for another scope where one is given."""
        return {"family": self.family}

    @classmethod
    def admin_page(cls, what: str) -> str:
        """The name of one of the kind's pages in the admin: "admin:ratings_ruleset_import"."""
        return f"admin:{cls._meta.app_label}_{cls._meta.model_name}_{what}"

    def admin_url(self) -> str:
        """Where the version is worked on and decided."""
        return reverse(self.admin_page("change"), args=[self.pk])

    def clean(self) -> None:
        """A draft may have faults, which its page shows; a version that waits or is active has none."""
        problems = () if self.is_draft else content_problems(self.kind, self.content)
        if problems:
            raise ValidationError({"content": [problem.message for problem in problems]})
        expected = canonical_hash(self.content)
        if self.content_hash != expected:
            raise ValidationError({"content_hash": f"expected {expected} for this content, got {self.content_hash}"})

    def _refuse_if_active(self, what: str) -> None:
        known = type(self)._default_manager.filter(pk=self.pk, status=Status.ACTIVE)
        if not self._state.adding and known.exists():
            raise AppendOnlyError(f"An active {self.kind.noun} is never {what}.")


V = TypeVar("V", bound=Version)
