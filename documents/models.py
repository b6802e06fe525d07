"""Rows of a pack: what was asked for, how far each document is, its number, its links; and the templates in use.

Contents lie in the storage named "documents", once for each SHA-256; rows name them.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import one_line
from documents.facts import Marks
from jobs.models import JobState, KindOfJob
from lib.errors import AppendOnlyError
from lib.signed_links import SignedLink
from lib.written_once import WrittenOnce

WORDS_LENGTH = 120


class PackStatus(models.TextChoices):
    """How far a pack is from leaving the building; an issued one never changes again."""

    DRAFT = "draft", "Draft"
    ISSUING = "issuing", "Being issued"
    ISSUED = "issued", "Issued"
    WITHDRAWN = "withdrawn", "Withdrawn"


class PackBase(KindOfJob):
    """What packs of every kind share: terms, number, and how far one is from leaving the building."""

    organisation = models.CharField(max_length=WORDS_LENGTH, validators=[one_line])
    confidentiality = models.CharField(max_length=WORDS_LENGTH, validators=[one_line])
    status = models.CharField(max_length=10, choices=PackStatus.choices, default=PackStatus.DRAFT, db_index=True)
    number = models.CharField(max_length=20, blank=True, help_text="Given when its issue is asked for: AN-2026-0007.")
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    issued_at = models.DateTimeField(null=True, blank=True)

    class Meta(KindOfJob.Meta):
        abstract = True

    @property
    def marks(self) -> Marks:
        """What every page of it says of its standing."""
        return Marks(self.organisation, self.confidentiality, self.number)

    @property
    def is_draft(self) -> bool:
        """True until its issue is asked for or it is withdrawn."""
        return self.status == PackStatus.DRAFT

    @property
    def is_issued(self) -> bool:
        """True once it is fixed for good."""
        return self.status == PackStatus.ISSUED

    @property
    def is_open(self) -> bool:
        """True while its documents may still be made again."""
        return self.status in (PackStatus.DRAFT, PackStatus.ISSUING)

    @property
    def is_withdrawable(self) -> bool:
        """True for a draft, and for an issue that ended without all its documents."""
        return self.is_draft or (self.status == PackStatus.ISSUING and not self.is_active)

    @property
    def successor(self) -> PackBase | None:
        """The issued pack that took its place."""
        raise NotImplementedError

    @property
    def standing(self) -> str:
        """A style for its badge."""
        if self.is_issued:
            return "superseded" if self.successor else "issued"
        return str(self.state) if self.is_open and self.state != JobState.DONE else str(self.status)

    @property
    def standing_words(self) -> str:
        """Where it stands, in a word or two."""
        words = {
            "superseded": "Superseded",
            "queued": "Waiting",
            "working": "Being made",
            "failed": "Failed",
            "cancelled": "Cancelled",
        }
        return words.get(self.standing, str(self.get_status_display()))

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("A pack is never deleted: withdraw the draft, or issue another that supersedes it.")


class Pack(PackBase):
    """The documents about one financing; its work is to make them, as drafts and again under its number."""

    KIND = "pack"

    financing = models.ForeignKey("financings.Financing", on_delete=models.PROTECT, related_name="packs")
    origin = models.JSONField(
        default=dict, blank=True, help_text="What its manifest says of where the figures were found."
    )
    close_date = models.DateField()
    engine_version = models.CharField(max_length=40, blank=True, help_text="Of the engine its figures were taken with.")
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    manifest_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the manifest, from its issue on.")

    class Meta(PackBase.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("number",), condition=~models.Q(number=""), name="one_pack_of_a_number"
            ),
            models.UniqueConstraint(
                fields=("financing", "close_date", "organisation", "confidentiality"),
                condition=models.Q(status="draft"),
                name="one_draft_of_the_same_pack",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number or 'Pack'}: {self.title} ({self.get_status_display().lower()})"

    @property
    def successor(self) -> Pack | None:
        """The issued pack that took its place."""
        later: Pack | None = getattr(self, "superseded_by", None)
        return later if later is not None and later.is_issued else None


class DocumentState(models.TextChoices):
    """Whether a document waits, is being made, is there, or could not be made."""

    WAITING = "waiting", "Waiting"
    WORKING = "working", "Being made"
    DONE = "done", "Made"
    FAILED = "failed", "Failed"


class PackDocument(models.Model):
    """One file of a pack, of the bytes its hash names; sealed with the issue of its pack."""

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, related_name="documents")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=40)
    part = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=200)
    filename = models.CharField(max_length=150)
    state = models.CharField(max_length=8, choices=DocumentState.choices, default=DocumentState.WAITING)
    error = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(null=True, blank=True)
    template = models.ForeignKey(
        "DocumentTemplate", on_delete=models.PROTECT, null=True, blank=True, related_name="documents"
    )
    template_hash = models.CharField(max_length=64, blank=True, help_text="Of the template filled, own or the house's.")
    is_sealed = models.BooleanField(default=False)

    class Meta:
        ordering = ("pack", "position")
        constraints = (models.UniqueConstraint(fields=("pack", "kind", "part"), name="one_document_of_a_part"),)

    def __str__(self) -> str:
        return f"{self.title} of {self.pack}"

    @property
    def is_there(self) -> bool:
        """True where it can be read."""
        return self.state == DocumentState.DONE

    @property
    def suffix(self) -> str:
        """What its name ends in: pdf, xlsx, docx, pptx."""
        return self.filename.rpartition(".")[2].lower()


class PackSequence(models.Model):
    """The last number given in a year: numbers follow each other without a gap."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.last} packs of {self.year}"

    @classmethod
    def held(cls, year: int) -> PackSequence:
        """The year's row, locked: whoever holds it issues alone."""
        cls.objects.get_or_create(year=year)
        return cls.objects.select_for_update().get(year=year)

    def take(self) -> str:
        """The next number."""
        self.last += 1
        self.save(update_fields=["last"])
        return f"AN-{self.year}-{self.last:04d}"


class SharedPackLink(SignedLink):
    """A way to one issued pack, of whatever kind, for somebody who does not sign in."""

    pack: Any  # a foreign key of each kind

    recipient = models.CharField(max_length=WORDS_LENGTH, validators=[one_line], help_text="Whom it is made for.")

    class Meta(SignedLink.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"Link to {self.pack} for {self.recipient}"


class PackLink(SharedPackLink):
    """A way to a pack of a financing."""

    salt = "documents.pack-link"

    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, related_name="links")

    class Meta(SharedPackLink.Meta):
        pass


class ManifestSignature(WrittenOnce):
    """This installation's signature of the manifest of an issued pack, of whatever kind."""

    manifest_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the manifest.")
    public_key = models.CharField(max_length=64, help_text="Ed25519, in hex.")
    signature = models.CharField(max_length=128, help_text="In hex.")
    signed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Signature of {self.manifest_hash}"


class DocumentTemplate(WrittenOnce):
    """A version of the template of a kind; the latest is in use, one without content is the house's own again.

    `organisation` is empty where it is for all of them.
    """

    never_changed = "A version of a template is never changed: add another one."
    never_deleted = "A version of a template is never deleted: packs refer to it."

    code = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    organisation = models.CharField(max_length=WORDS_LENGTH, blank=True, validators=[one_line])
    kind = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    filename = models.CharField(max_length=150, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("organisation", "kind", "-version")
        constraints = (
            models.UniqueConstraint(fields=("organisation", "kind", "version"), name="one_template_of_a_version"),
        )

    def __str__(self) -> str:
        return f"Version {self.version} of the template of {self.kind}"
