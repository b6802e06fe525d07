"""Universes with their dated members, panels as they came, and the datasets that were made of them."""

from __future__ import annotations

from django.db import models

from accounts.models import one_line
from lib.columns import code_column, person_column
from lib.written_once import WrittenOnce
from strategies.models.desks import TITLE_LENGTH, Desk


class Universe(models.Model):
    """Names a desk may hold, each with the days on which it was a member: what left stays known."""

    code = code_column()
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="universes")
    name = models.CharField(max_length=TITLE_LENGTH, validators=[one_line])
    members = models.JSONField(
        default=list,
        blank=True,
        help_text="Each with ident, name, sector, currency, esg_score, from_date and until_date (the last day; none while it is in).",
    )
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("desk", "name"), name="universe_name_once_a_desk"),)

    def __str__(self) -> str:
        return self.name


class DatasetKind(models.TextChoices):
    """What a panel is about."""

    PRICES = "prices", "Prices"
    FACTORS = "factors", "Factors"
    RISK_MODEL = "risk_model", "Risk factors"
    INDICES = "indices", "Indices"

    @property
    def is_of_names(self) -> bool:
        """Whether its rows are about names of the universe."""
        return self not in {DatasetKind.RISK_MODEL, DatasetKind.INDICES}


class ImportState(models.TextChoices):
    """A file is worked on until its panel is taken as a whole, or put away."""

    OPEN = "open", "Open"
    TAKEN = "taken", "Taken"
    DISCARDED = "discarded", "Put away"


class Dataset(WrittenOnce):
    """A panel in force from the day it was taken, as a Parquet file named by its SHA-256."""

    code = code_column()
    universe = models.ForeignKey(Universe, on_delete=models.PROTECT, related_name="datasets")
    kind = models.CharField(max_length=12, choices=DatasetKind)
    number = models.PositiveIntegerField()
    file_hash = models.CharField(max_length=64)
    summary = models.JSONField(default=dict, help_text="Days, names, fields, coverage by month, warnings.")
    origin = models.CharField(max_length=200, help_text="Where it comes from, in words.")
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("universe", "kind", "number"), name="dataset_number_once_a_kind"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number} of {self.universe}"


class PanelImport(models.Model):
    """A file of a panel as it came, the meaning of its headers, and what people mended: a draft until it is taken."""

    code = code_column()
    universe = models.ForeignKey(Universe, on_delete=models.CASCADE, related_name="imports")
    kind = models.CharField(max_length=12, choices=DatasetKind)
    sender = models.CharField(max_length=TITLE_LENGTH, validators=[one_line])
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64, help_text="The file lies under its SHA-256.")
    mapping = models.JSONField(default=dict, blank=True, help_text="Field by header.")
    corrections = models.JSONField(
        default=list,
        blank=True,
        help_text="Each with row, column, before, after, who, when; a row left out has no column.",
    )
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.OPEN)
    dataset = models.OneToOneField(Dataset, null=True, blank=True, on_delete=models.PROTECT, related_name="taken_from")
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.file_name
