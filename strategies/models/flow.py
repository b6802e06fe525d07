"""From a portfolio to its orders: limits and lists, checks, decisions, what people say, paper orders, exports, role runs."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.utils import timezone

from accounts.models import one_line
from lib.columns import code_column, person_column
from lib.signed_links import SignedLink
from lib.written_once import WrittenOnce
from records.models import Version, version_constraints
from strategies.limit_sets import DESK_LIMITS
from strategies.models.desks import TITLE_LENGTH, Desk
from strategies.models.work import State, Strategy, StrategyVersion

REASON_LENGTH = 500
COMMENT_LENGTH = 2_000
HERE_FOR, LOCKED_FOR = timedelta(minutes=2), timedelta(minutes=10)


class DeskLimits(Version):
    """One version of the limits of a fund."""

    kind = DESK_LIMITS

    class Meta(Version.Meta):
        verbose_name = "limit set of a desk"
        verbose_name_plural = "limit sets of desks"
        constraints = version_constraints("desk_limits")


class ListKind(models.TextChoices):
    """What a desk keeps an eye on."""

    RESTRICTED = "restricted", "Restricted list"
    WATCH = "watch", "Watch list"


class ListEntry(models.Model):
    """A name on a list from a day on, with why; what ends stays known."""

    code = code_column()
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="list_entries")
    list = models.CharField(max_length=10, choices=ListKind)
    ident = models.CharField("name", max_length=60, validators=[one_line])
    from_date = models.DateField()
    until_date = models.DateField(null=True, blank=True, help_text="The last day on the list.")
    reason = models.CharField(max_length=REASON_LENGTH, validators=[one_line])
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)
    ended_by = person_column(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=REASON_LENGTH, blank=True, validators=[one_line])

    class Meta:
        ordering = ("list", "ident", "-from_date", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_date=None) | models.Q(until_date__gte=models.F("from_date")),
                name="list_entry_ends_after_it_begins",
            ),
        )

    def __str__(self) -> str:
        return f"{self.ident} on the {self.get_list_display().lower()} of {self.desk}"

    def is_on(self, day: date) -> bool:
        """True on its days, both ends included."""
        return self.from_date <= day and (self.until_date is None or day <= self.until_date)


class CheckStatus(models.TextChoices):
    """What a check says."""

    OK = "OK", "OK"
    REVIEW = "REVIEW", "Review"
    BLOCK = "BLOCK", "Blocked"


class ComplianceCheck(WrittenOnce):
    """The rules on one version's orders, with all that went in."""

    code = code_column()
    version = models.ForeignKey(StrategyVersion, on_delete=models.PROTECT, related_name="compliance_checks")
    limit_set = models.ForeignKey(DeskLimits, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=6, choices=CheckStatus)
    reasons = models.JSONField(
        blank=True, help_text="Each with status, rule, offender, value, limit, why and a sentence."
    )
    inputs = models.JSONField(help_text="Weights before, orders, facts, risk and lists, as they were judged.")
    inputs_hash = models.CharField(max_length=64, help_text="SHA-256 of inputs and limits.")
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"Check of {self.version}"


class Decision(WrittenOnce):
    """A step of a strategy from state to state: who, why, on which version and check."""

    code = code_column()
    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="decisions")
    version = models.ForeignKey(StrategyVersion, on_delete=models.PROTECT, related_name="+")
    before = models.CharField(max_length=12, choices=State)
    after = models.CharField(max_length=12, choices=State)
    reason = models.CharField(max_length=REASON_LENGTH, blank=True, validators=[one_line])
    check_made = models.ForeignKey(ComplianceCheck, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.strategy}: {self.get_before_display()} to {self.get_after_display()}"


class Place(models.TextChoices):
    """What of a strategy a comment is about."""

    STRATEGY = "strategy", "The strategy"
    SIGNAL = "signal", "Signal"
    PORTFOLIO = "portfolio", "Portfolio"
    BACKTEST = "backtest", "Backtest"
    RISK = "risk", "Risk"
    SCENARIOS = "scenarios", "Scenarios"
    COMPLIANCE = "compliance", "Compliance"
    ORDERS = "orders", "Orders"


class Comment(models.Model):
    """What somebody said about a strategy or a place in it."""

    code = code_column()
    strategy = models.ForeignKey(Strategy, on_delete=models.CASCADE, related_name="comments")
    version = models.ForeignKey(StrategyVersion, on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=10, choices=Place, default=Place.STRATEGY)
    text = models.TextField(max_length=COMMENT_LENGTH)
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_by = person_column(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at", "pk")

    def __str__(self) -> str:
        return f"Comment on {self.strategy}"


class Attendance(models.Model):
    """Somebody who has a strategy's review before them, and until when they alone decide it, if they took it up."""

    strategy = models.ForeignKey(Strategy, on_delete=models.CASCADE, related_name="attendances")
    person = person_column()
    seen_at = models.DateTimeField(default=timezone.now)
    works_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("strategy", "person"), name="attendance_once_a_person"),)

    def __str__(self) -> str:
        return f"{self.person} at {self.strategy}"


class OrderState(models.TextChoices):
    """How far a paper order is; none goes to a market."""

    DRAFT = "draft", "Draft"
    SENT = "sent", "Sent"
    DONE = "done", "Done"


class PaperOrder(models.Model):
    """Shares of one name to buy, or to sell where there are fewer than none, at the last close. It goes to no market."""

    code = code_column()
    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, related_name="orders")
    version = models.ForeignKey(StrategyVersion, on_delete=models.PROTECT, related_name="orders")
    ident = models.CharField("name", max_length=60)
    shares = models.BigIntegerField()
    lot_shares = models.PositiveIntegerField()
    close = models.DecimalField(max_digits=18, decimal_places=6)
    close_date = models.DateField()
    amount = models.DecimalField(
        max_digits=20, decimal_places=2, help_text="Shares at the close, in the desk's currency."
    )
    weight = models.DecimalField(
        max_digits=14, decimal_places=10, help_text="What was wanted of the strategy's amount."
    )
    state = models.CharField(max_length=5, choices=OrderState, default=OrderState.DRAFT)
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("ident", "pk")
        constraints = (models.UniqueConstraint(fields=("version", "ident"), name="one_paper_order_a_version_and_name"),)

    def __str__(self) -> str:
        return f"{'Buy' if self.shares > 0 else 'Sell'} {abs(self.shares):,} {self.ident}"


class ExportForm(models.TextChoices):
    """What a strategy leaves the building as."""

    CSV = "csv", "CSV"
    EXCEL = "xlsx", "Excel"
    PDF = "pdf", "PDF"
    SLIDES = "pptx", "PowerPoint"


class Export(WrittenOnce):
    """An approved strategy as a file, as it was made."""

    code = code_column()
    version = models.ForeignKey(StrategyVersion, on_delete=models.PROTECT, related_name="exports")
    check_made = models.ForeignKey(ComplianceCheck, on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=4, choices=ExportForm)
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.get_form_display()} of {self.version}"


class ExportLink(SignedLink):
    """A way to one export for somebody who does not sign in."""

    salt = "strategies.export-link"

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="links")
    recipient = models.CharField(max_length=TITLE_LENGTH, validators=[one_line], help_text="Whom it is made for.")

    class Meta(SignedLink.Meta):
        pass

    def __str__(self) -> str:
        return f"Link to {self.export} for {self.recipient}"


class RoleRun(WrittenOnce):
    """One pass of the four roles over a version: every call, text and answer, from which it runs again. Its code is that of
    the job in which it was made, so that a job done twice makes one."""

    code = code_column()
    version = models.ForeignKey(StrategyVersion, on_delete=models.PROTECT, related_name="role_runs")
    model = models.CharField(max_length=120, help_text="The language model, or the planner alone.")
    status = models.CharField(max_length=6, choices=CheckStatus, blank=True)
    is_complete = models.BooleanField()
    record = models.JSONField(help_text="As engine.strategies.roles reads it.")
    record_hash = models.CharField(max_length=64)
    made_by = person_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"Roles on {self.version}"
