"""Rows of the securitisation room: loan tapes as they came, pools by hash, structures and their versions, runs."""

from __future__ import annotations

from django.db import models

from accounts.models import one_line
from documents.models import PackBase, PackStatus, SharedPackLink
from jobs.models import JobState, KindOfJob
from lib.columns import code_column, person_column
from lib.written_once import WrittenOnce

TITLE_LENGTH = 120
NOTE_LENGTH = 300


class LoanPool(WrittenOnce):
    """Loans that back notes, named by the SHA-256 of all that is known of them."""

    code = code_column()
    name = models.CharField(max_length=TITLE_LENGTH, validators=[one_line])
    currency = models.CharField(max_length=3)
    content = models.JSONField(help_text="The loans, as engine.notes reads them.")
    content_hash = models.CharField(max_length=64, editable=False)
    origin = models.CharField(max_length=200, help_text="Where it comes from, in words.")
    financings = models.ManyToManyField("financings.Financing", related_name="loan_pools", blank=True)
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.name


class TapeState(models.TextChoices):
    """A tape is worked on until its loans are taken, or put away."""

    OPEN = "open", "Open"
    TAKEN = "taken", "Taken"
    DISCARDED = "discarded", "Put away"


class LoanTape(models.Model):
    """A file of loans as it came, the meaning of its headers, and what people mended: a draft until its loans are taken."""

    code = code_column()
    name = models.CharField(max_length=TITLE_LENGTH, validators=[one_line])
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)
    grid = models.JSONField(help_text="Headers, rows and their line numbers.")
    mapping = models.JSONField(default=dict, blank=True, help_text="Field by header.")
    corrections = models.JSONField(
        default=list, blank=True, help_text="Each with row, column, before, after, who, when."
    )
    state = models.CharField(max_length=10, choices=TapeState, default=TapeState.OPEN)
    pool = models.OneToOneField(LoanPool, null=True, blank=True, on_delete=models.PROTECT, related_name="tape")
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.name


class NoteStructure(models.Model):
    """One issue of notes under a name; what it is at any time is its last version."""

    code = code_column()
    name = models.CharField(max_length=TITLE_LENGTH, unique=True, validators=[one_line])
    owner = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.name


class StructureVersion(WrittenOnce):
    """A structure as somebody left it: terms, pool and behaviour, named by the SHA-256 of all three."""

    code = code_column()
    structure = models.ForeignKey(NoteStructure, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    pool = models.ForeignKey(LoanPool, on_delete=models.PROTECT, related_name="versions")
    content = models.JSONField(help_text="Classes, fees, reserve, triggers and steps, as engine.notes reads them.")
    behaviour = models.JSONField(help_text="Prepayment, default and loss of the base case, as engine.notes reads them.")
    content_hash = models.CharField(max_length=64, editable=False)
    note = models.CharField(
        max_length=NOTE_LENGTH, blank=True, validators=[one_line], help_text="What was changed, and why."
    )
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("structure", "number"), name="structure_version_number_once"),)

    def __str__(self) -> str:
        return f"{self.structure}, version {self.number}"


class NotesRun(KindOfJob):
    """One version of a structure under its base case and a grid of scenarios; the terms decide the answer."""

    KIND = "notes_run"

    version = models.ForeignKey(StructureVersion, on_delete=models.PROTECT, related_name="runs")
    terms = models.JSONField(help_text="The yields classes are priced at, the rates of the grid, scenarios by name.")
    engine_version = models.CharField(max_length=40)


class NotesPack(PackBase):
    """The papers of one run; its work is to make them, as drafts and again under its number, which fixes them for good."""

    KIND = "notes_pack"

    run = models.ForeignKey(NotesRun, on_delete=models.PROTECT, related_name="packs")
    period = models.PositiveIntegerField(
        default=1, help_text="The payment date that the investor report is of, from 1."
    )
    manifest = models.TextField(
        blank=True, help_text="Every file with its SHA-256 and what the figures come from; JSON."
    )
    manifest_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the manifest.")

    class Meta(PackBase.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("number",), condition=~models.Q(number=""), name="one_notes_pack_of_a_number"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number or 'Pack'}: {self.title} ({self.get_status_display().lower()})"

    @property
    def successor(self) -> NotesPack | None:
        """The pack of the structure that was issued last, where it is another."""
        issued = NotesPack.objects.filter(
            run__version__structure=self.run.version.structure_id, status=PackStatus.ISSUED
        ).order_by("-issued_at", "-pk")
        latest = issued.first()
        return latest if latest is not None and latest.pk != self.pk else None

    @property
    def is_there(self) -> bool:
        """True where its files can be read: made, and nobody at them."""
        return bool(self.manifest) and self.state == JobState.DONE


class NotesPackLink(SharedPackLink):
    """A way to an issued pack of notes."""

    salt = "securitisation.notes-pack-link"

    pack = models.ForeignKey(NotesPack, on_delete=models.PROTECT, related_name="links")

    class Meta(SharedPackLink.Meta):
        pass
