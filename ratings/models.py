"""Versions of the rating rules: drafted by one administrator, approved by another, and then never changed."""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from engine.errors import InputProblems
from engine.ratings import RuleSet as EngineRuleSet
from engine.stress import StressScenario, read_scenarios
from lib.canonical import canonical_hash
from lib.errors import AppendOnlyError
from projects.asset_classes import asset_class_name, asset_classes
from projects.models import DATA_CENTRE
from ratings.problems import rule_problems


class RuleSetStatus(models.TextChoices):
    """A draft may be worked on; once active a version stays as it is, and the next one takes over."""

    DRAFT = "draft", "Draft"
    WAITING = "waiting", "Waiting for approval"
    ACTIVE = "active", "Active"


class RuleSet(models.Model):
    """One version of one family of rules, in the form that the engine reads."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    family = models.SlugField(max_length=60, help_text="Versions of one family follow each other.")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    asset_class = models.CharField(
        max_length=40, default=DATA_CENTRE, help_text="What is financed under the rules; a family has one."
    )
    status = models.CharField(max_length=16, choices=RuleSetStatus, default=RuleSetStatus.DRAFT)
    effective_from = models.DateField(help_text="In force from this day until a later version is.")
    content = models.JSONField(help_text="Limits by jurisdiction and rating, each with provenance and source.")
    content_hash = models.CharField(max_length=64, editable=False, help_text="SHA-256 of the canonical text.")
    notes = models.TextField(blank=True, help_text="What these rules are, and where they come from.")
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="copies")
    revision = models.PositiveIntegerField(default=1, help_text="Counts the changes of the draft.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True, help_text="Why the version was sent back, or what was said.")

    class Meta:
        ordering = ("family", "-version")
        constraints = (
            models.UniqueConstraint(fields=["family", "version"], name="rule_set_version_once"),
            models.UniqueConstraint(
                fields=["family", "effective_from"],
                condition=models.Q(status="active"),
                name="rule_set_one_active_a_day",
                violation_error_message="Another active version of this family is effective from the same day.",
            ),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="rule_set_version_positive"),
            models.CheckConstraint(condition=models.Q(status__in=RuleSetStatus.values), name="rule_set_status_known"),
        )

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_if_active("changed: add the next version")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Where the version is read."""
        return reverse("rules-detail", args=[self.code])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_if_active("deleted: runs refer to it")
        return super().delete(*args, **kwargs)

    @property
    def label(self) -> str:
        """Family and version, the name a run keeps: "agency-value/1"."""
        return f"{self.family}/{self.version}"

    @property
    def is_draft(self) -> bool:
        """True while the version may be worked on."""
        return self.status == RuleSetStatus.DRAFT

    @property
    def is_waiting(self) -> bool:
        """True while another administrator has to decide."""
        return self.status == RuleSetStatus.WAITING

    @property
    def is_final(self) -> bool:
        """True once approved: never changed again."""
        return self.status == RuleSetStatus.ACTIVE

    @property
    def asset_class_name(self) -> str:
        """The asset class in words."""
        return asset_class_name(self.asset_class)

    def admin_url(self) -> str:
        """Where the version is worked on and decided."""
        return reverse("admin:ratings_ruleset_change", args=[self.pk])

    def terms(self) -> EngineRuleSet:
        """The rules as the engine takes them."""
        return EngineRuleSet.from_dict(self.content)

    def clean(self) -> None:
        """A draft may have faults, which its page shows; a version that waits or is active has none."""
        if self.asset_class not in asset_classes():
            message = f"{self.asset_class!r} is not a known asset class: administrators add classes."
            raise ValidationError({"asset_class": message})
        if type(self).objects.filter(family=self.family).exclude(asset_class=self.asset_class).exists():
            message = f"The family {self.family} is of another asset class: choose another family."
            raise ValidationError({"asset_class": message})
        problems = () if self.is_draft else rule_problems(self.content)
        if problems:
            raise ValidationError({"content": [problem.message for problem in problems]})
        expected = canonical_hash(self.content)
        if self.content_hash != expected:
            raise ValidationError({"content_hash": f"expected {expected} for this content, got {self.content_hash}"})

    def _refuse_if_active(self, what: str) -> None:
        if not self._state.adding and type(self).objects.filter(pk=self.pk, status=RuleSetStatus.ACTIVE).exists():
            raise AppendOnlyError(f"An active rule set is never {what}.")


class ScenarioSet(models.Model):
    """Stress scenarios somebody keeps under a name; shared, everybody may use them and only the owner changes them."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="scenario_sets")
    name = models.CharField(max_length=80)
    is_shared = models.BooleanField("shared with everybody", default=False)
    scenarios = models.JSONField(help_text="A list of scenarios, each in the terms of engine.stress.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(fields=["owner", "name"], name="scenario_set_name_once_an_owner"),)

    def __str__(self) -> str:
        return self.name

    def terms(self) -> tuple[StressScenario, ...]:
        """The scenarios as the engine takes them."""
        return read_scenarios(self.scenarios)

    def clean(self) -> None:
        try:
            self.terms()
        except InputProblems as error:
            raise ValidationError({"scenarios": [p.message for p in error.problems]}) from error
