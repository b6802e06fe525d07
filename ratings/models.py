"""Versions of the rating rules; a version in force is never changed."""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

from accounts.models import AppendOnlyError
from engine.errors import InputProblems
from engine.ratings import RuleSet as EngineRuleSet
from projects.canonical import canonical_hash


class RuleSetStatus(models.TextChoices):
    """A draft may be worked on; once active a version stays as it is, and the next one takes over."""

    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"


class RuleSet(models.Model):
    """One version of one family of rules, in the form that the engine reads."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    family = models.SlugField(max_length=60, help_text="Versions of one family follow each other.")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    status = models.CharField(max_length=16, choices=RuleSetStatus, default=RuleSetStatus.DRAFT)
    effective_from = models.DateField(help_text="In force from this day until a later version is.")
    content = models.JSONField(help_text="Limits by jurisdiction and rating, each with provenance and source.")
    content_hash = models.CharField(max_length=64, editable=False, help_text="SHA-256 of the canonical text.")
    notes = models.TextField(blank=True, help_text="What these rules are, and where they come from.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("family", "-version")
        constraints = (
            models.UniqueConstraint(fields=["family", "version"], name="rule_set_version_once"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="rule_set_version_positive"),
            models.CheckConstraint(condition=models.Q(status__in=RuleSetStatus.values), name="rule_set_status_known"),
        )

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_if_active("changed: add the next version")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_if_active("deleted: runs refer to it")
        return super().delete(*args, **kwargs)

    @property
    def label(self) -> str:
        """Family and version, the name a run keeps: "agency-value/1"."""
        return f"{self.family}/{self.version}"

    def terms(self) -> EngineRuleSet:
        """The rules as the engine takes them."""
        return EngineRuleSet.from_dict(self.content)

    def clean(self) -> None:
        try:
            self.terms()
        except InputProblems as error:
            raise ValidationError({"content": [p.message for p in error.problems]}) from error
        expected = canonical_hash(self.content)
        if self.content_hash != expected:
            raise ValidationError({"content_hash": f"expected {expected} for this content, got {self.content_hash}"})

    def _refuse_if_active(self, what: str) -> None:
        if not self._state.adding and type(self).objects.filter(pk=self.pk, status=RuleSetStatus.ACTIVE).exists():
            raise AppendOnlyError(f"An active rule set is never {what}.")
