"""Rows of the CLO room: deals and their notes, tapes as they came, pools by hash, results, trades, payments, simulations."""

from __future__ import annotations

from django.db import models

from accounts.models import one_line
from jobs.models import KindOfJob
from lib.columns import code_column, person_column
from lib.written_once import WrittenOnce
from portfolios.limit_sets import LIMITS
from records.models import Version, version_constraints

TITLE_LENGTH = 120


class LimitSet(Version):
    """One version of the limits of a deal's tests."""

    kind = LIMITS

    class Meta(Version.Meta):
        constraints = version_constraints("limit_set")


class Deal(models.Model):
    """One CLO: its dates, its calendar, and the papers that its tests and payments follow."""

    code = code_column()
    name = models.CharField(max_length=TITLE_LENGTH, unique=True, validators=[one_line])
    manager_name = models.CharField(max_length=TITLE_LENGTH, blank=True, validators=[one_line])
    currency = models.CharField(max_length=3)
    benchmark = models.CharField(max_length=40, help_text="The index of the floating notes, as snapshots name it.")
    closing_date = models.DateField()
    non_call_end = models.DateField()
    reinvestment_end = models.DateField()
    stated_maturity = models.DateField()
    first_payment_date = models.DateField(help_text="Before it is moved to a business day.")
    months_between = models.PositiveSmallIntegerField(default=3)
    determination_lag_days = models.PositiveSmallIntegerField(
        default=10, help_text="Business days before a payment date."
    )
    holidays = models.JSONField(default=list, blank=True, help_text="Beside New York's own, as YYYY-MM-DD.")
    preset = models.CharField(
        max_length=20, help_text="The priority of payments: one of engine.portfolios.papers.PRESETS."
    )
    accelerates_after_default = models.BooleanField(
        default=False,
        help_text="After an event of default payments go on in one priority of all proceeds; else they stop there.",
    )
    limits_family = models.SlugField(max_length=60, help_text="The family of limit sets that its tests follow.")
    papers = models.JSONField(help_text="Fees, haircuts, diversion, incentive, as engine.portfolios reads them.")
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class NoteClass(models.Model):
    """One class of notes as it was issued; what is outstanding follows from the payments booked."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="note_classes")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=12, validators=[one_line])
    group = models.CharField(max_length=12, help_text="Classes of one group stand side by side.")
    original_balance = models.DecimalField(max_digits=18, decimal_places=2)
    spread_rate = models.DecimalField(max_digits=9, decimal_places=7, null=True, blank=True)
    fixed_rate = models.DecimalField(max_digits=9, decimal_places=7, null=True, blank=True)
    is_deferrable = models.BooleanField(default=False)
    oc_trigger = models.DecimalField(max_digits=8, decimal_places=6, null=True, blank=True)
    ic_trigger = models.DecimalField(max_digits=8, decimal_places=6, null=True, blank=True)

    class Meta:
        ordering = ("order",)
        constraints = (
            models.UniqueConstraint(fields=("deal", "name"), name="note_class_once_a_deal"),
            models.CheckConstraint(
                condition=models.Q(spread_rate__isnull=False) ^ models.Q(fixed_rate__isnull=False),
                name="note_class_floats_or_is_fixed",
            ),
        )

    def __str__(self) -> str:
        return self.name


class SenderMapping(models.Model):
    """Which field each header of a sender's files means, kept for the next file."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="sender_mappings")
    sender = models.CharField(max_length=TITLE_LENGTH, validators=[one_line])
    mapping = models.JSONField(default=dict, blank=True, help_text="Field by normalised header.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("deal", "sender"), name="one_mapping_a_sender"),)

    def __str__(self) -> str:
        return f"{self.sender}, {self.deal}"


class ImportState(models.TextChoices):
    """A tape is worked on until it is applied as a whole, or put away."""

    OPEN = "open", "Open"
    APPLIED = "applied", "Applied"
    DISCARDED = "discarded", "Put away"


class Purpose(models.TextChoices):
    """What a tape's assets are: the deal's own pool, or what it might buy."""

    POOL = "pool", "The deal's pool"
    CANDIDATES = "candidates", "Candidates to buy"


class TapeImport(models.Model):
    """A file as it came, the meaning of its headers, and what people mended; nothing of it counts before it is applied."""

    code = code_column()
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="tape_imports")
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.POOL)
    sender = models.CharField(max_length=TITLE_LENGTH, validators=[one_line])
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)
    determination_date = models.DateField()
    grid = models.JSONField(help_text="Headers, rows and their line numbers.")
    positions = models.JSONField(null=True, blank=True, help_text="The grid of the positions file.")
    mapping = models.JSONField(default=dict, blank=True, help_text="Field by header.")
    corrections = models.JSONField(
        default=list, blank=True, help_text="Each with row, column, before, after, who, when."
    )
    left_out = models.JSONField(default=dict, blank=True, help_text="Reason by row.")
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.OPEN)
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.file_name} from {self.sender}"


class PoolSnapshot(WrittenOnce):
    """A pool on one determination date, named by the SHA-256 of all that its figures come from."""

    code = code_column()
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="pools")
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.POOL)
    number = models.PositiveIntegerField()
    determination_date = models.DateField()
    content = models.JSONField(help_text="The day, its rates and cash, the assets.")
    content_hash = models.CharField(max_length=64, editable=False)
    warnings = models.JSONField(default=list, blank=True, help_text="What the tape was warned of, with row and column.")
    origin = models.CharField(max_length=200, help_text="Where it comes from, in words.")
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("deal", "purpose", "number"), name="pool_number_once"),)

    def __str__(self) -> str:
        return f"Pool {self.number} of {self.determination_date:%d %b %Y}"


class RatingAction(WrittenOnce):
    """A rating of an issuer or facility as it was first seen, dated, with where it was read."""

    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="rating_actions")
    asset_id = models.CharField(max_length=60, db_index=True)
    issuer_id = models.CharField(max_length=60)
    column = models.CharField(max_length=60)
    rating = models.CharField(max_length=12)
    before = models.CharField(max_length=12, blank=True)
    seen_on = models.DateField()
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ("-seen_on", "-pk")

    def __str__(self) -> str:
        return f"{self.asset_id} {self.column}: {self.rating}"


class TakenNote(WrittenOnce):
    """A class of notes issued in the house, taken among a deal's candidates: what it was, and where ratings were read."""

    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="taken_notes")
    asset_id = models.CharField(max_length=60, db_index=True)
    note_code = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    provenance = models.CharField(max_length=300)
    content_hash = models.CharField(max_length=64)
    source = models.CharField(max_length=200, validators=[one_line])
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.title


class SavedReport(models.Model):
    """What a report holds, under a name: sections, and columns of the assets."""

    code = code_column()
    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="saved_reports")
    name = models.CharField(max_length=TITLE_LENGTH, validators=[one_line])
    sections = models.JSONField(default=list, blank=True)
    columns = models.JSONField(default=list, blank=True)
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(fields=("deal", "name"), name="report_name_once_a_deal"),)

    def __str__(self) -> str:
        return self.name


class ComplianceRun(WrittenOnce):
    """All tests of one pool under one version of limits and the papers of the day."""

    code = code_column()
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="test_runs")
    snapshot = models.ForeignKey(PoolSnapshot, on_delete=models.PROTECT, related_name="test_runs")
    limit_set = models.ForeignKey(LimitSet, on_delete=models.PROTECT, related_name="test_runs")
    papers = models.JSONField(help_text="The deal's papers as they stood.")
    previous = models.JSONField(default=dict, blank=True, help_text="Each test's value of before, by number.")
    engine_version = models.CharField(max_length=40)
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"Tests of {self.snapshot}"


class ComplianceResult(WrittenOnce):
    """One test of a run; None where it was not assessed."""

    run = models.ForeignKey(ComplianceRun, on_delete=models.PROTECT, related_name="test_results")
    number = models.PositiveSmallIntegerField()
    value = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    numerator = models.DecimalField(max_digits=36, decimal_places=8)
    denominator = models.DecimalField(max_digits=36, decimal_places=8)
    threshold = models.DecimalField(max_digits=30, decimal_places=12, null=True)
    status = models.CharField(max_length=24)
    coverage_ratio = models.DecimalField(max_digits=14, decimal_places=12)

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("run", "number"), name="one_result_a_test"),)

    def __str__(self) -> str:
        return f"Test {self.number}: {self.status}"


class BasketState(models.TextChoices):
    """A basket is worked on, submitted, then approved or sent back by somebody else, and booked."""

    DRAFT = "draft", "Draft"
    WAITING = "waiting", "Waiting for approval"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Sent back"
    BOOKED = "booked", "Booked"


class Basket(models.Model):
    """Trades tried on a pool; booked, they make the next pool."""

    code = code_column()
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="baskets")
    snapshot = models.ForeignKey(PoolSnapshot, on_delete=models.PROTECT, related_name="baskets")
    name = models.CharField(max_length=TITLE_LENGTH, validators=[one_line])
    trades = models.JSONField(default=list, blank=True, help_text="Side, asset, par, price in percent of par.")
    state = models.CharField(max_length=10, choices=BasketState, default=BasketState.DRAFT)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was approved or sent back.")
    made_by = person_column()
    decided_by = person_column(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.name


class Payment(WrittenOnce):
    """A payment date as it was paid: inputs, and what stands afterwards; the next date begins from it."""

    code = code_column()
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="payments_made")
    snapshot = models.ForeignKey(PoolSnapshot, on_delete=models.PROTECT, related_name="payments_made")
    number = models.PositiveIntegerField()
    pay_date = models.DateField()
    inputs = models.JSONField(help_text="Papers, opening and collections, as engine.portfolios takes them.")
    closing = models.JSONField(help_text="Balances, deferred interest, hurdle, unpaid fees after the date.")
    engine_version = models.CharField(max_length=40)
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("deal", "number"), name="payment_once"),)

    def __str__(self) -> str:
        return f"Payment {self.number}, {self.pay_date:%d %b %Y}"


class Scenario(models.Model):
    """Assumptions under a name, to run the deal to its end and to compare."""

    code = code_column()
    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="cash_scenarios")
    name = models.CharField(max_length=TITLE_LENGTH, validators=[one_line])
    terms = models.JSONField(help_text="In the terms of engine.portfolios.scenarios.")
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(fields=("deal", "name"), name="scenario_name_once_a_deal"),)

    def __str__(self) -> str:
        return self.name


class PoolSimulation(KindOfJob):
    """Defaults and migrations of a pool on random paths; terms and seed decide the answer to the last digit."""

    KIND = "pool_simulation"

    snapshot = models.ForeignKey(PoolSnapshot, on_delete=models.PROTECT, related_name="pool_simulations")
    terms = models.JSONField(help_text="Paths, seed, years, correlation.")
    engine_version = models.CharField(max_length=40)


class TrusteeReport(WrittenOnce):
    """A trustee's figures of one day beside ours, line by line."""

    code = code_column()
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="trustee_reports")
    run = models.ForeignKey(ComplianceRun, on_delete=models.PROTECT, related_name="trustee_reports")
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)
    lines = models.JSONField(help_text="Each line of theirs with ours, the difference and the verdict.")
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.file_name} against {self.run}"
