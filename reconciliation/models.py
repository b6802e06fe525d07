"""Rows of reconciliation: who sends what, what was received and read, what was compared, what is open."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

from accounts.audit_pages.targets import page_of
from accounts.models import one_line
from engine.reconciliation.ranking import TITLES
from engine.reconciliation.records import Book
from engine.reconciliation.terms import Terms as EngineTerms
from engine.reconciliation.verdicts import ASIDE
from jobs.models import KindOfJob
from lib.columns import person_column
from lib.errors import AppendOnlyError
from reconciliation.kinds import MAPPINGS, TERMS
from reconciliation.reading.documents import needs_eyes
from reconciliation.reading.mapping import Layout
from reconciliation.translate import layout_of, terms_of
from reconciliation.words import title_of
from records.models import Version, version_constraints

NAME_LENGTH = 120
REGION = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", "Expected a region such as eu-west-1.")
BUCKET = RegexValidator(r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z", "Expected the name of a bucket.")
# It is a part of a file's name.
USER = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._+-]*\Z", "Expected letters, digits, dots, dashes, pluses and underscores."
)
HOST_KEY = RegexValidator(r"^SHA256:[A-Za-z0-9+/]{43}\Z", "Expected a fingerprint: SHA256: and 43 characters.")


class MappingTemplate(Version):
    """One version of how the files of one layout are read; it takes effect from its day, without a restart."""

    kind = MAPPINGS

    class Meta(Version.Meta):
        constraints = version_constraints("mapping")

    def terms(self) -> Layout:
        """The layout as the readers take it."""
        return layout_of(self.content)


class ReconciliationTerms(Version):
    """One version of parties, products, rates and tolerances."""

    kind = TERMS

    class Meta(Version.Meta):
        constraints = version_constraints("recon_terms")
        verbose_name_plural = "reconciliation terms"

    def terms(self) -> EngineTerms:
        """The terms as the engine takes them."""
        return terms_of(self.content)


class Role(models.TextChoices):
    """Whose view of the world a source sends."""

    INTERNAL = "internal", "Our own book"
    BROKER = "broker", "Broker or counterparty"
    CCP = "ccp", "Clearing house"
    PRICES = "prices", "Settlement prices"


class Format(models.TextChoices):
    """How a source writes."""

    FPML = "fpml", "FpML 5"
    FIXML = "fixml", "FIXML 5.0 SP2"
    FIX = "fix", "FIX, tags and values"
    MAPPED = "mapped", "By mapping"
    DOCUMENT = "document", "Confirmations as PDF"
    HOUSE = "house", "Trades of this house"


class Source(models.Model):
    """Who sends files of one kind, how they are read, how large they may be and when they are due."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=NAME_LENGTH, unique=True, validators=[one_line])
    party = models.CharField(
        max_length=40, blank=True, validators=[one_line], help_text="The counterparty's code, where it is one."
    )
    role = models.CharField(max_length=12, choices=Role)
    book = models.CharField(max_length=12, choices=[(str(book), str(book)) for book in Book])
    format = models.CharField(max_length=12, choices=Format)
    mapping_family = models.SlugField(
        max_length=60, blank=True, help_text="The mapping's family, where it is read by mapping."
    )
    most_megabytes = models.PositiveIntegerField(default=50, validators=[MinValueValidator(1), MaxValueValidator(200)])
    most_ratio = models.PositiveIntegerField(default=100, validators=[MinValueValidator(1), MaxValueValidator(1_000)])
    due_at = models.TimeField(
        null=True, blank=True, help_text="When its file of a business day is due; empty for whenever it comes."
    )
    folder = models.SlugField(max_length=60, blank=True, help_text="Its folder below the watched one; empty for none.")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ChannelKind(models.TextChoices):
    """What a channel speaks."""

    SFTP = "sftp", "SFTP"
    S3 = "s3", "S3"


class Channel(models.Model):
    """Where a source's files are fetched from by themselves; its secret lies in a file of the operator, not here."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="channel")
    kind = models.CharField(max_length=4, choices=ChannelKind)
    address = models.CharField(
        max_length=255,
        blank=True,
        validators=[one_line],
        help_text="SFTP: host or host:port. S3: empty for Amazon, or https://host.",
    )
    region = models.CharField(max_length=40, blank=True, validators=[REGION], help_text="S3: eu-west-1.")
    bucket = models.CharField(max_length=63, blank=True, validators=[BUCKET], help_text="S3 only.")
    user = models.CharField(
        max_length=128,
        validators=[USER],
        help_text="User name, or access key. Its secret is a file of the operator named user@host.",
    )
    host_key = models.CharField(
        max_length=60, blank=True, validators=[HOST_KEY], help_text="SFTP: fingerprint of the server's key, SHA256:…"
    )
    folder = models.CharField(max_length=255, blank=True, validators=[one_line], help_text="Where its files lie.")
    pattern = models.CharField(
        max_length=100, default="*", validators=[one_line], help_text="Names that are fetched: *.csv"
    )
    done_folder = models.CharField(
        max_length=255,
        blank=True,
        validators=[one_line],
        help_text="Where fetched files are moved to; empty to leave them.",
    )
    every_minutes = models.PositiveIntegerField(default=60, validators=[MinValueValidator(5), MaxValueValidator(1_440)])
    is_active = models.BooleanField(default=True)
    next_at = models.DateTimeField(default=timezone.now, editable=False)
    failed_count = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        ordering = ("source__name",)
        indexes = (models.Index(fields=("is_active", "next_at"), name="channel_by_time"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.source}"


class Fetch(models.Model):
    """One look at a channel's place: what was taken, what was left and why, or why it could not be."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="fetches")
    is_trial = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    found_count = models.PositiveIntegerField(default=0)
    taken_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    left = models.JSONField(default=list, blank=True, help_text="Names that were not taken, and why.")
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-pk",)
        verbose_name_plural = "fetches"

    def __str__(self) -> str:
        return self.error or f"{self.taken_count} of {self.found_count} files"


class FetchedFile(models.Model):
    """A file of a place that was taken; another stamp means that it was written since."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="fetched")
    name = models.CharField(max_length=255)
    stamp = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("channel", "name"), name="one_fetched_file_of_a_name"),)

    def __str__(self) -> str:
        return self.name


class OverdueState(models.TextChoices):
    """Past its time, or its whole day without it."""

    LATE = "late", "Late"
    MISSING = "missing", "Missing"


class Overdue(models.Model):
    """That people were told of a file that did not come: once late, once missing."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="overdue")
    business_date = models.DateField()
    state = models.CharField(max_length=8, choices=OverdueState)
    told_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("source", "business_date", "state"), name="told_once_of_a_missing_file"),
        )

    def __str__(self) -> str:
        return f"{self.source_id} {self.business_date} {self.state}"


class FileState(models.TextChoices):
    """What became of a file; nothing of a refused one enters a run."""

    READ = "read", "Read"
    PARTLY = "partly", "Partly read"
    REFUSED = "refused", "Refused"
    SUPERSEDED = "superseded", "Superseded"
    CHECK = "check", "Waits for a person"


USABLE = (FileState.READ, FileState.PARTLY)


class ReceivedFile(models.Model):
    """One file as it came: its bytes are kept under their SHA-256, and the same bytes are the same file."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    channel = models.CharField(max_length=12, default="upload")
    business_date = models.DateField()
    identity = models.CharField(
        max_length=64, blank=True, help_text="Of a statement: SHA-256 of currencies, days and balances."
    )
    state = models.CharField(max_length=12, choices=FileState)
    mapping = models.ForeignKey(MappingTemplate, null=True, blank=True, on_delete=models.PROTECT, related_name="files")
    problems = models.JSONField(default=list, blank=True)
    notes = models.JSONField(default=list, blank=True)
    balances = models.JSONField(default=dict, blank=True)
    record_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    origin_label = models.CharField(
        max_length=60, blank=True, help_text="Of trades of the house: the model of what they are the hedges of."
    )
    origin_code = models.UUIDField(null=True, blank=True)
    origin_name = models.CharField(max_length=NAME_LENGTH, blank=True)
    origin_about = models.UUIDField(null=True, blank=True, help_text="The project whose hedges they are.")
    received_by = person_column(null=True, blank=True)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-received_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("source", "sha256"), name="one_file_of_a_content_a_source"),
            models.UniqueConstraint(
                fields=("source", "identity"), condition=~models.Q(identity=""), name="one_statement_of_an_identity"
            ),
        )
        indexes = (
            models.Index(fields=("source", "business_date"), name="file_by_source_and_day"),
            models.Index(fields=("origin_about",), name="file_by_project"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def origin_page(self) -> str | None:
        """Where what its trades come from is seen; None for a file from outside."""
        return page_of(self.origin_label, self.origin_code)


class ExtractedField(models.Model):
    """A line recognised on a scanned document, and what a person accepted of it."""

    file = models.ForeignKey(ReceivedFile, on_delete=models.PROTECT, related_name="extracted_fields")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40, blank=True, help_text="The field that it is; empty for none.")
    label = models.CharField(max_length=120, blank=True, help_text="As it was read.")
    text = models.CharField(max_length=500, help_text="As it was read.")
    confidence = models.FloatField(help_text="Of its weakest word, 0 to 100.")
    page = models.PositiveSmallIntegerField()
    place = models.JSONField(help_text="Left, top, right, bottom in points.")
    accepted = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("file", "position"), name="one_field_of_a_position"),)

    def __str__(self) -> str:
        return f"{self.label or self.name}: {self.text}"

    @property
    def asks(self) -> bool:
        """True where a person has to say that they looked."""
        return needs_eyes(self.name, self.confidence)


class DocumentTemplate(models.Model):
    """What people taught of a source's scans: labels and names as they are read, and what they are."""

    source = models.OneToOneField(Source, on_delete=models.CASCADE, related_name="document_template")
    labels = models.JSONField(default=dict, help_text="A label as read, and the field that it stands for.")
    words = models.JSONField(default=dict, help_text="By field, a name as read, and as it is.")

    def __str__(self) -> str:
        return f"Scans of {self.source}"


class BookRecord(models.Model):
    """One record read from a file, with its line; written once."""

    file = models.ForeignKey(ReceivedFile, on_delete=models.PROTECT, related_name="records")
    name = models.CharField(max_length=300, help_text="File and line.")
    reference = models.CharField(max_length=120, help_text="What both sides know it by, or its line.")
    values = models.JSONField()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("file", "name"), name="one_record_of_a_line"),)
        indexes = (models.Index(fields=("reference",), name="record_by_reference"),)

    def __str__(self) -> str:
        return self.name


class What(models.TextChoices):
    """What a definition compares."""

    OTC = "otc", "OTC trades"
    LISTED = "listed", "Listed trades and allocations"
    POSITIONS = "positions", "Positions"
    NWAY = "nway", "Three or more books"
    CASH = "cash", "Cash"


class Definition(models.Model):
    """What is compared with what."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=NAME_LENGTH, unique=True, validators=[one_line])
    what = models.CharField(max_length=12, choices=What)
    sources = models.ManyToManyField(Source, related_name="definitions")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ReconciliationRun(KindOfJob):
    """One comparison of one business day under one version of the terms."""

    KIND = "reconciliation"

    definition = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="runs")
    business_date = models.DateField()
    terms = models.ForeignKey(ReconciliationTerms, on_delete=models.PROTECT, related_name="runs")
    engine_version = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.title} of {self.business_date}"


class MatchGroup(models.Model):
    """Records that belong together in a run, and what is said of them; `identity` is the same in every run."""

    run = models.ForeignKey(ReconciliationRun, on_delete=models.CASCADE, related_name="match_groups")
    number = models.PositiveIntegerField()
    identity = models.CharField(max_length=64)
    verdict = models.CharField(max_length=24)
    break_types = models.CharField(max_length=120, blank=True)
    paired_by = models.CharField(max_length=200, blank=True)
    cause = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=300, blank=True)
    detail = models.JSONField(default=dict, help_text="Differences; of several books every value.")
    severity = models.CharField(max_length=8, blank=True)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    amount = models.DecimalField(max_digits=32, decimal_places=6, default=0)
    currency = models.CharField(max_length=12, blank=True)
    product = models.CharField(max_length=40, blank=True)
    counterparty = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("run", "number")
        constraints = (models.UniqueConstraint(fields=("run", "number"), name="one_group_of_a_number"),)
        indexes = (models.Index(fields=("run", "verdict"), name="group_by_run_and_verdict"),)

    def __str__(self) -> str:
        return f"{self.verdict} {self.number}"

    @property
    def is_aside(self) -> bool:
        """True of records that no longer count."""
        return self.verdict in ASIDE


class Member(models.Model):
    """A record in a group: in a run it is in one live group at most."""

    run = models.ForeignKey(ReconciliationRun, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey(MatchGroup, on_delete=models.CASCADE, related_name="group_members")
    record = models.ForeignKey(BookRecord, on_delete=models.PROTECT, related_name="group_members")
    is_internal = models.BooleanField()
    is_live = models.BooleanField(
        default=True, help_text="False where it only refers to a record that is matched elsewhere."
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("run", "record"), condition=models.Q(is_live=True), name="one_live_group_of_a_record_a_run"
            ),
        )

    def __str__(self) -> str:
        return f"{self.record_id} in {self.group_id}"


class BreakState(models.TextChoices):
    """How far a break is; gone where a later run no longer finds it."""

    OPEN = "open", "Open"
    PROPOSED = "proposed", "Waiting for a second person"
    RESOLVED = "resolved", "Resolved"
    GONE = "gone", "Gone"


UNSETTLED = (BreakState.OPEN, BreakState.PROPOSED)


class Break(models.Model):
    """What two books do not agree on, from the first run that found it until it is settled."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    definition = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="breaks")
    identity = models.CharField(max_length=64)
    group = models.ForeignKey(MatchGroup, null=True, on_delete=models.SET_NULL, related_name="breaks")
    type = models.CharField(max_length=120)
    severity = models.CharField(max_length=8)
    score = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=32, decimal_places=6)
    currency = models.CharField(max_length=12, blank=True)
    product = models.CharField(max_length=40, blank=True)
    counterparty = models.CharField(max_length=120, blank=True)
    reference = models.CharField(max_length=200)
    cause = models.CharField(max_length=300, blank=True)
    cluster = models.CharField(max_length=64, blank=True)
    team = models.CharField(max_length=20)
    owner = person_column(null=True, blank=True)
    state = models.CharField(max_length=8, choices=BreakState, default=BreakState.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    answer_by = models.DateTimeField()
    resolve_by = models.DateTimeField()
    escalated_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=500, blank=True)
    found_cause = models.CharField(
        max_length=16, blank=True, choices=TITLES.items(), help_text="What it came from, as whoever resolved it says."
    )
    proposed_by = person_column(null=True, blank=True)
    settled_by = person_column(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-score", "opened_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("definition", "identity"),
                condition=models.Q(state__in=("open", "proposed")),
                name="one_unsettled_break_of_an_identity",
            ),
        )
        indexes = (
            models.Index(fields=("state", "-score", "opened_at", "id"), name="break_queue"),
            models.Index(fields=("state", "cluster"), name="break_by_cluster"),
        )

    def __str__(self) -> str:
        return f"{title_of(self.type)}, {self.reference}"

    @property
    def is_unsettled(self) -> bool:
        """True while somebody has to do something."""
        return self.state in UNSETTLED


class CauseLearning(KindOfJob):
    """One learning of causes from resolutions: its answer is how right it is, and where its weights lie."""

    KIND = "cause_learning"

    engine_version = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"


class ExportFormat(models.TextChoices):
    """As what a list leaves the house."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"
    JSON = "json", "JSON"
    XML = "xml", "XML"
    PARQUET = "parquet", "Parquet"


class Encryption(models.TextChoices):
    """How what leaves the house is locked."""

    ZIP = "zip", "ZIP with AES-256"
    PGP = "pgp", "PGP"


class Recipient(models.Model):
    """Whom files are locked for: a passphrase that both sides know, or a public key of theirs; encrypted where it lies."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=NAME_LENGTH, unique=True, validators=[one_line])
    method = models.CharField(max_length=3, choices=Encryption)
    secret = models.TextField(editable=False)
    fingerprint = models.CharField(max_length=64, blank=True, editable=False, help_text="Of a public key.")
    expires_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Of a public key.")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class BreakPack(KindOfJob):
    """Chosen breaks with everything behind them as one archive: from the bytes of their files to what was decided."""

    KIND = "break_pack"

    breaks = models.JSONField(help_text="Codes of the breaks, in their order.")
    filters = models.JSONField(default=dict, blank=True, help_text="The view of the queue that chose them.")
    format = models.CharField(max_length=8, choices=ExportFormat)
    with_files = models.BooleanField(default=True, help_text="With the files that were received, byte by byte.")
    recipient = models.ForeignKey(Recipient, null=True, blank=True, on_delete=models.PROTECT, related_name="packs")
    name = models.CharField(max_length=120, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    size_bytes = models.PositiveBigIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"


class Delivered(models.TextChoices):
    """What a delivery holds."""

    BREAKS = "breaks", "View of breaks"
    PACK = "pack", "Break pack"
    REPORT = "report", "Match report"
    EMIR = "emir", "EMIR Refit extract"
    CFTC = "cftc", "CFTC Part 45 extract"
    MIFIR = "mifir", "MiFIR extract"


OF_BREAKS = (Delivered.BREAKS, Delivered.PACK)


class Way(models.TextChoices):
    """How a delivery goes."""

    FOLDER = "folder", "Folder"
    CHANNEL = "channel", "Channel of a source"
    LINK = "link", "Link by e-mail"


class ScheduledDelivery(models.Model):
    """What leaves the house by itself each business day, locked for whom, by which way."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=NAME_LENGTH, unique=True, validators=[one_line])
    what = models.CharField(max_length=8, choices=Delivered)
    definition = models.ForeignKey(
        Definition, null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries",
        help_text="Whose last run is delivered, or whose breaks; empty for all breaks.",
    )  # fmt: skip
    filters = models.JSONField(default=dict, blank=True, help_text="The view of the queue: severity, counterparty.")
    format = models.CharField(max_length=8, choices=ExportFormat, default=ExportFormat.CSV)
    recipient = models.ForeignKey(
        Recipient, null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries",
        help_text="For whom it is locked; empty to leave it open.",
    )  # fmt: skip
    at = models.TimeField(help_text="When it leaves on each business day.")
    way = models.CharField(max_length=8, choices=Way)
    channel = models.ForeignKey(
        Channel, null=True, blank=True, on_delete=models.SET_NULL, related_name="deliveries",
        help_text="The SFTP server or bucket that it goes to.",
    )  # fmt: skip
    folder = models.CharField(
        max_length=255, blank=True, validators=[one_line], help_text="Of the channel, or below the outgoing one."
    )
    people = models.ManyToManyField(
        "accounts.User", blank=True, related_name="+", help_text="Who is sent the link; they sign in to take it."
    )
    is_active = models.BooleanField(default=True)
    saved_by = person_column()
    next_at = models.DateTimeField(default=timezone.now, editable=False)
    failed_count = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        ordering = ("name",)
        indexes = (models.Index(fields=("is_active", "next_at"), name="delivery_by_time"),)
        verbose_name_plural = "scheduled deliveries"

    def __str__(self) -> str:
        return self.name


class DeliveryTry(KindOfJob):
    """One try to deliver: what was sent under which name and hash, or in `error` why it could not be."""

    KIND = "delivery"

    delivery = models.ForeignKey(ScheduledDelivery, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField(help_text="Which try of this delivery in a row.")
    name = models.CharField(max_length=160, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    size_bytes = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta(KindOfJob.Meta):
        verbose_name_plural = "delivery tries"

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"


class Comment(models.Model):
    """What somebody said of a break; never changed."""

    of = models.ForeignKey(Break, on_delete=models.CASCADE, related_name="comments")
    by = person_column()
    text = models.CharField(max_length=2_000)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.text[:60]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("A comment is never changed: write another one.")
        super().save(*args, **kwargs)


class Choice(models.TextChoices):
    """What a person decided of records; it holds in every later run until it is taken back."""

    MATCH = "match", "They belong together"
    SPLIT = "split", "They do not belong together"
    NOT_DUPLICATE = "not_duplicate", "Not a duplicate"


class Decision(models.Model):
    """A person's word on records, by the names they have in every file."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    definition = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="decisions")
    choice = models.CharField(max_length=16, choices=Choice)
    internal = models.JSONField(default=list, blank=True, help_text="References of our records.")
    external = models.JSONField(default=list, blank=True, help_text="References of theirs.")
    reason = models.CharField(max_length=500, validators=[one_line])
    by = person_column()
    at = models.DateTimeField(auto_now_add=True)
    is_taken_back = models.BooleanField(default=False)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.get_choice_display()}: {', '.join((*self.internal, *self.external))}"
