"""Rows of a financing: what it is, what was simulated of it, what was shown of it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.models import one_line
from financings.over_raise import over_raise_of
from jobs.models import KindOfJob
from lib.written_once import WrittenOnce

TITLE_LENGTH = 120
NAME_LENGTH = 80


class Financing(WrittenOnce):
    """One structure of one project's inputs under one set of rules and terms, by one engine; never changed.

    Its hash says all that its figures come from. In a project the same hash is the same row, whoever came upon it; in
    another project it is another row, for access goes by the project.
    """

    never_changed = "A financing is never changed: make another one."
    never_deleted = "A financing is never deleted: packs and evidence refer to it."

    code = models.UUIDField(unique=True, editable=False, help_text="Derived from the project's code and the hash.")
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="financings")
    snapshot = models.ForeignKey("projects.Snapshot", on_delete=models.PROTECT, related_name="financings")
    rule_set = models.ForeignKey("ratings.RuleSet", on_delete=models.PROTECT, related_name="financings")
    market_set = models.ForeignKey(
        "ratings.MarketSet", null=True, blank=True, on_delete=models.PROTECT, related_name="financings"
    )
    terms = models.JSONField()
    choice = models.JSONField(help_text="Lever values; a lever that is not named is the project's own.")
    engine_version = models.CharField(max_length=40)
    content_hash = models.CharField(
        max_length=64, editable=False, help_text="SHA-256 of all that its figures come from."
    )
    title = models.CharField(max_length=TITLE_LENGTH, blank=True, validators=[one_line], help_text="Given by a person.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="financings")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("project", "content_hash"), name="one_financing_of_a_hash_in_a_project"),
        )

    def __str__(self) -> str:
        return self.title or f"Financing {self.content_hash[:8]}"

    @property
    def currency(self) -> str:
        """ISO 4217 code of its amounts."""
        return str(self.snapshot.content["currency"])

    @property
    def over_raise(self) -> str:
        """What its over-raise means, in a sentence; empty where that lever is closed."""
        return over_raise_of(self.choice, self.rule_set.content)


class KeptComparison(models.Model):
    """A comparison that somebody keeps under a name of theirs; its page opens for whoever may see all that it compares."""

    TOLD_AS: ClassVar[str]  # how the audit trail calls it

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="%(class)ss")
    name = models.CharField(max_length=NAME_LENGTH, validators=[one_line])
    note = models.TextField(max_length=2_000, blank=True, help_text="Why it was made, or what came of it.")
    is_starred = models.BooleanField(default=False, help_text="Worth coming back to.")
    codes = models.JSONField(help_text="Of what is compared, in the order of the page.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ("-is_starred", "name", "pk")
        constraints = (models.UniqueConstraint(fields=["owner", "name"], name="%(class)s_name_once_an_owner"),)

    def __str__(self) -> str:
        return self.name


class FinancingComparison(KeptComparison):
    """Two to six financings that somebody keeps side by side."""

    TOLD_AS = "financing_comparison"


class EvidenceState(models.TextChoices):
    """What the evidence says of a fact; taken back, the fact is missing again."""

    SHOWN = "shown", "Shown"
    REFUTED = "refuted", "Refuted"
    TAKEN_BACK = "taken_back", "Taken back"


class Evidence(WrittenOnce):
    """What somebody saw of a fact that a central bank asks for; never changed: the last entry of a fact holds.

    Without a financing it is of every one of the project.
    """

    never_changed = "Evidence is never changed: enter what holds now."
    never_deleted = "Evidence is never deleted: take it back."

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="evidence")
    financing = models.ForeignKey(Financing, null=True, blank=True, on_delete=models.PROTECT, related_name="evidence")
    fact = models.CharField(max_length=80)
    state = models.CharField(max_length=12, choices=EvidenceState)
    symbol = models.CharField(max_length=12, blank=True, help_text="Of an agency's rating, in its own letters.")
    source = models.CharField(max_length=1_000)
    seen_on = models.DateField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name_plural = "evidence"
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=EvidenceState.values), name="evidence_state_known"),
        )

    def __str__(self) -> str:
        return f"{self.fact}: {self.state}"

    @property
    def is_of_project(self) -> bool:
        """True where it holds for every financing of the project."""
        return self.financing_id is None


class Simulation(KindOfJob):
    """One financing on correlated paths; the terms decide the answer to the last digit."""

    KIND = "simulation"

    financing = models.ForeignKey(Financing, on_delete=models.PROTECT, related_name="simulations")
    terms = models.JSONField(help_text="In the terms of engine.risk: processes, paths, seed.")
    engine_version = models.CharField(max_length=40)
