"""CLO portfolios: deals, pools from tapes, tests, trades, payment dates, scenarios, simulations, reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Scope
from accounts.policies import require
from api.operations import ApiView, Caller, UploadView, operation
from api.v1.jobs import JobShown
from api.v1.records import version_views
from api.v1.shared import Of, Person, Reason, code_of
from engine.errors import InputProblems, Problem
from engine.portfolios.compliance import Compliance
from engine.portfolios.rules import RULES
from engine.portfolios.trades import Side, Tried
from lib.errors import Invalid, NotFound
from lib.verbs import refuse
from portfolios.access import VIEW, get_deal, get_of_deal, require_prepare, visible_deals
from portfolios.baskets import MOST_CANDIDATES, ranked, tried
from portfolios.bulk import Do, Edit, edited, effect
from portfolios.issued import get_issued, issued_notes
from portfolios.models import (
    Basket,
    BasketState,
    ComplianceResult,
    ComplianceRun,
    Deal,
    ImportState,
    LimitSet,
    Payment,
    PoolSimulation,
    PoolSnapshot,
    Purpose,
    SavedReport,
    Scenario,
    TapeImport,
    TrusteeReport,
)
from portfolios.queries import checked, latest_pool, latest_run, payment_calendar
from portfolios.report import ASSET_COLUMNS, SECTIONS
from portfolios.running import Outcome, run_scenario
from portfolios.services.after_default import set_after_default
from portfolios.services.baskets import (
    MOST_TRADES,
    book_basket,
    decide_basket,
    make_basket,
    set_trades,
    submit_basket,
)
from portfolios.services.compare_trustee import compare_trustee
from portfolios.services.edit_assets import edit_assets
from portfolios.services.import_tape import (
    apply_import,
    discard_import,
    leave_out,
    map_import,
    mend_import,
    open_import,
    pool_defaults,
)
from portfolios.services.pay import Collections, Due, book_payment, defaults_of, next_payment
from portfolios.services.reports import save_report
from portfolios.services.scenarios import delete_scenario, request_pool_simulation, save_scenario
from portfolios.services.take_note import take_note
from portfolios.tapes import differences, read_import
from portfolios.views.reports import FORMS, layout_of, sent_report

TAG = "clo"
LIMIT_SETS = version_views(LimitSet, "limit_set")
MOST_PROBLEMS = 500
STATUSES = "pass, fail, maintained or improved, not assessed."
TRADE_EXAMPLE = {"trades": [{"side": "sell", "asset": "APA-0003", "par": "100000", "price_pct": "99.5"}]}


def figure(**options: Any) -> serializers.DecimalField:
    """A number told exactly, as text."""
    return serializers.DecimalField(max_digits=None, decimal_places=None, **options)


class DealShown(Of):
    """A CLO: its dates, its papers, its classes of notes."""

    code = serializers.UUIDField()
    name = serializers.CharField()
    manager_name = serializers.CharField()
    currency = serializers.CharField()
    benchmark = serializers.CharField()
    closing_date = serializers.DateField()
    non_call_end = serializers.DateField()
    reinvestment_end = serializers.DateField()
    stated_maturity = serializers.DateField()
    priority_of_payments = serializers.CharField(source="preset")
    accelerates_after_default = serializers.BooleanField(
        help_text="After an event of default payments go on in one priority of all proceeds; else they stop there."
    )
    limits = serializers.CharField(source="limits_family", help_text="The family of its limit sets.")
    papers = serializers.DictField(help_text="Fees, haircuts, diversion, incentive.")
    payment_dates = serializers.SerializerMethodField(help_text="Those to come, the next first.")

    @extend_schema_field(serializers.ListField(child=serializers.DateField()))
    def get_payment_dates(self, deal: Deal) -> list[date]:
        pool = latest_pool(deal)
        return list(payment_calendar(deal, pool.determination_date if pool else deal.closing_date).adjusted)


class DealPoolShown(Of):
    """A pool on a determination date; never changed."""

    code = serializers.UUIDField()
    deal = code_of("deal")
    purpose = serializers.ChoiceField(Purpose.choices)
    number = serializers.IntegerField()
    determination_date = serializers.DateField()
    content_hash = serializers.CharField(help_text="SHA-256 of its assets, rates and cash.")
    origin = serializers.CharField()
    made_by = Person()
    created_at = serializers.DateTimeField()


class DealPoolDetail(DealPoolShown):
    """A pool with its assets, and what its tape was warned of."""

    content = serializers.DictField()
    warnings = serializers.ListField(child=serializers.DictField())


class NewTape(Of):
    """A tape: CSV or Excel in the 71 columns, and a file of positions with purchase prices."""

    file = serializers.FileField(allow_empty_file=True)
    positions = serializers.FileField(required=False, allow_empty_file=True)
    sender = serializers.CharField(max_length=120, default="API")
    purpose = serializers.ChoiceField(Purpose.choices, default=Purpose.POOL)
    determination_date = serializers.DateField(required=False, help_text="Left out: that of the pool as it stands.")


class CellProblemShown(Of):
    """What is wrong at one cell; a warning where it does not refuse its row. Rows of data count from 1."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    refuses = serializers.BooleanField()


class TapeShown(Of):
    """A tape as it stands: what its headers mean, what was mended, what is still wrong, what it would change."""

    code = serializers.UUIDField()
    deal = code_of("deal")
    purpose = serializers.ChoiceField(Purpose.choices)
    sender = serializers.CharField()
    file_name = serializers.CharField()
    file_hash = serializers.CharField(help_text="SHA-256 of the file.")
    determination_date = serializers.DateField()
    state = serializers.ChoiceField(ImportState.choices)
    mapping = serializers.DictField(child=serializers.CharField(), help_text="Field by header.")
    corrections = serializers.ListField(child=serializers.DictField())
    left_out = serializers.DictField(child=serializers.CharField(), help_text="Reason by row.")
    made_by = Person()
    created_at = serializers.DateTimeField()


class TapeDetailShown(TapeShown):
    """A tape with what was found in it: at most 500 problems, those that refuse a row first."""

    sound_count = serializers.IntegerField(source="found.sound")
    refused_rows = serializers.ListField(child=serializers.IntegerField(), source="found.refused")
    absent_columns = serializers.ListField(child=serializers.CharField(), source="found.absent")
    problems = CellProblemShown(many=True, source="found.problems")
    come = serializers.ListField(
        child=serializers.CharField(), source="found.come", help_text="Assets new to the pool."
    )
    go = serializers.ListField(child=serializers.CharField(), source="found.go", help_text="Assets that leave it.")
    changed_cell_count = serializers.IntegerField(source="found.cells")

    def to_representation(self, tape: TapeImport) -> Any:
        tape.found = _read(tape)  # type: ignore[attr-defined]  # told beside the row
        return super().to_representation(tape)


def _read(tape: TapeImport) -> dict[str, Any]:
    found = read_import(tape)
    changes = differences(latest_pool(tape.deal, tape.purpose), found.assets())
    return {
        "sound": len(found.rows),
        "refused": sorted(found.refused_rows),
        "absent": found.absent,
        "problems": sorted(found.problems, key=lambda p: (not p.refuses, p.row))[:MOST_PROBLEMS],
        "come": [row["blkrockid"] for row in changes.come],
        "go": [row["blkrockid"] for row in changes.go],
        "cells": len(changes.cells),
    }


class NewMapping(Of):
    mapping = serializers.DictField(
        child=serializers.CharField(), help_text="Field by header; the others are not read."
    )


class NewCell(Of):
    row = serializers.IntegerField(min_value=1)
    column = serializers.CharField(max_length=60)
    value = serializers.CharField(allow_blank=True, max_length=500)


class NewCells(Of):
    cells = NewCell(many=True)


class LeftOut(Reason):
    row = serializers.IntegerField(min_value=1)


class NewRates(Of):
    """Cash and rates of the day; what is left out is as the pool before has it."""

    principal_cash = serializers.DecimalField(max_digits=18, decimal_places=2, required=False)
    interest_cash = serializers.DecimalField(max_digits=18, decimal_places=2, required=False)
    fx = serializers.DictField(child=serializers.CharField(max_length=30), required=False)
    index_rates = serializers.DictField(child=serializers.CharField(max_length=30), required=False)


class AssetEdit(Of):
    column = serializers.CharField(max_length=60)
    do = serializers.ChoiceField([each.value for each in Do], default=Do.SET.value)
    value = serializers.CharField(
        allow_blank=True, max_length=200, help_text="As a tape writes it; the number to add or to multiply by."
    )


class AssetEdits(Of):
    """Assets by their identifiers, and what is done to each."""

    assets = serializers.ListField(child=serializers.CharField(max_length=60), min_length=1, max_length=5_000)
    edits = AssetEdit(many=True)


class AppliedEdits(AssetEdits):
    reason = serializers.CharField(max_length=120)


class CellEditShown(Of):
    row = serializers.IntegerField()
    asset = serializers.CharField()
    column = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class TestRunShown(Of):
    """All tests of one pool under one version of limits."""

    code = serializers.UUIDField()
    deal = code_of("deal")
    pool = code_of("snapshot")
    limit_set = code_of("limit_set")
    engine_version = serializers.CharField()
    made_by = Person()
    created_at = serializers.DateTimeField()


class TestShown(Of):
    """One test; its value is null where it was not assessed."""

    number = serializers.IntegerField(source="rule.number")
    name = serializers.CharField(source="rule.name")
    sense = serializers.CharField(source="limit.sense", help_text="max or min.")
    value = figure(allow_null=True)
    numerator = figure()
    denominator = figure()
    threshold = figure(allow_null=True)
    margin = figure(allow_null=True)
    status = serializers.CharField(source="status.value", help_text=STATUSES)
    coverage_ratio = figure(help_text="Share of par not in default whose inputs are known.")


class RowShown(Of):
    asset = serializers.CharField()
    amount = figure()


class TestDetailShown(TestShown):
    """One test opened: its rule in words, the rows behind it, what would turn it, what it lacks."""

    words = serializers.CharField(source="rule.words")
    previous = figure(source="limit.previous", allow_null=True)
    room_amount = figure(allow_null=True, help_text="What the numerator may still move by before the verdict turns.")
    winner = serializers.CharField(help_text="The issuer, country or industry that a test of the largest found.")
    rows = serializers.SerializerMethodField()
    lacking = serializers.ListField(child=serializers.CharField(), help_text="Assets whose inputs are not known.")

    @extend_schema_field(RowShown(many=True))
    def get_rows(self, result: Any) -> Any:
        ordered = sorted(result.rows, key=lambda row: (-row[1], row[0]))
        return RowShown([{"asset": asset, "amount": amount} for asset, amount in ordered], many=True).data


class RatioShown(Of):
    """A coverage test; `passed` is null where it is not assessed."""

    numerator = figure()
    denominator = figure()
    value = figure(allow_null=True)
    trigger = figure()
    passed = serializers.BooleanField(allow_null=True)


class CuresShown(Of):
    """The smallest amounts that restore a ratio."""

    from_interest = figure()
    from_principal = figure(allow_null=True)
    into_collateral = figure()


class CoverageShown(Of):
    """Overcollateralisation and interest coverage of a class and all senior to it."""

    name = serializers.CharField(source="terms.name")
    balance = figure(source="terms.balance")
    interest_due = figure()
    oc = RatioShown(allow_null=True)
    ic = RatioShown(allow_null=True)
    oc_cures = CuresShown(allow_null=True)


class TestRunDetailShown(TestRunShown):
    """A run with every test and the coverage of every class."""

    performing_par = figure(source="compliance.base.performing_par")
    principal_cash = figure(source="compliance.base.principal_cash")
    adjusted_collateral = figure(source="compliance.coverage.carrying.adjusted_amount")
    tests = TestShown(many=True, source="compliance.results")
    coverage = CoverageShown(many=True, source="compliance.coverage.classes")

    def to_representation(self, run: ComplianceRun) -> Any:
        run.compliance = checked(run)[2]  # type: ignore[attr-defined]  # told beside the row
        return super().to_representation(run)


class PastTestShown(Of):
    """A test as it was on one day."""

    run = code_of("run")
    determination_date = serializers.DateField(source="run.snapshot.determination_date")
    pool_number = serializers.IntegerField(source="run.snapshot.number")
    value = figure(allow_null=True)
    threshold = figure(allow_null=True)
    status = serializers.CharField(help_text=STATUSES)


class TradeShown(Of):
    """One trade: par in the asset's currency, price in percent of par."""

    side = serializers.ChoiceField([each.value for each in Side])
    asset = serializers.CharField(max_length=60)
    par = serializers.DecimalField(max_digits=18, decimal_places=2, min_value=Decimal("0.01"))
    price_pct = serializers.DecimalField(max_digits=12, decimal_places=8, min_value=Decimal("0.00000001"))


class Trades(Of):
    trades = serializers.ListField(child=TradeShown(), max_length=MOST_TRADES)


class ChangeShown(Of):
    """One test before and after."""

    number = serializers.IntegerField(source="after.rule.number")
    name = serializers.CharField(source="after.rule.name")
    before = figure(source="before.value", allow_null=True)
    after = figure(source="after.value", allow_null=True)
    change = figure(allow_null=True)
    threshold = figure(source="after.threshold", allow_null=True)
    status_before = serializers.CharField(source="before.status.value", help_text=STATUSES)
    status_after = serializers.CharField(source="after.status.value", help_text=STATUSES)
    is_worse = serializers.BooleanField()


class EditsTriedShown(Of):
    """What edits would change, cell by cell, what is refused and stays as it is, and every test before and after."""

    cells = CellEditShown(many=True)
    refused = CellProblemShown(many=True)
    warnings = CellProblemShown(many=True)
    changes = ChangeShown(many=True)


class TriedShown(Of):
    """Every test before and after trades; they hold where each passes or is no worse, and cash suffices."""

    holds = serializers.BooleanField()
    principal_cash = figure(source="pool.principal_cash")
    changes = ChangeShown(many=True)


class BasketShown(Of):
    """Trades on a pool, on their way to a second person and into the next pool."""

    code = serializers.UUIDField()
    deal = code_of("deal")
    pool = code_of("snapshot")
    name = serializers.CharField()
    trades = TradeShown(many=True)
    state = serializers.ChoiceField(BasketState.choices)
    reason = serializers.CharField()
    made_by = Person()
    decided_by = Person(allow_null=True)
    created_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class NewBasket(Of):
    """A name, and trades of the pool as it stands."""

    name = serializers.CharField(max_length=120)
    trades = serializers.ListField(child=TradeShown(), max_length=MOST_TRADES, required=False, default=list)


class Objective(Of):
    """What candidates are ranked by: weights by number of test, and the par of each trade."""

    side = serializers.ChoiceField([each.value for each in Side], default=Side.BUY.value)
    par = serializers.DecimalField(
        max_digits=15, decimal_places=2, min_value=Decimal("0.01"), default=Decimal(1_000_000)
    )
    weights = serializers.DictField(
        child=serializers.DecimalField(max_digits=12, decimal_places=6), default=lambda: {"32": Decimal(1)}
    )


class RankedShown(Of):
    """A candidate tried on top of a basket."""

    side = serializers.CharField(source="trade.side.value")
    asset = serializers.CharField(source="trade.asset.blkrockid")
    issue = serializers.CharField(source="trade.asset.issue_name")
    par = figure(source="trade.par")
    price_pct = figure(source="trade.price_pct")
    score = figure()
    holds = serializers.BooleanField()
    broken_tests = serializers.ListField(child=serializers.IntegerField(), source="worse")


class Candidates(Of):
    """Candidates, best first: those that keep every test, then by the objective."""

    items = RankedShown(many=True, help_text=f"At most {MOST_CANDIDATES:,}.")


class LineShown(Of):
    """One step: due is null where it takes what there is."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field's name
    what = serializers.CharField()
    due = figure(allow_null=True)
    paid = figure()
    source = serializers.CharField(help_text="interest, principal, deferral or all proceeds")  # type: ignore[assignment]  # a field's name
    reason = serializers.CharField(help_text="The rule, with its figures.")


class CollectionsTyped(Of):
    """What is typed of a date; left out: accrued interest, the pool's benchmark, the usual expenses."""

    benchmark = serializers.DecimalField(max_digits=9, decimal_places=7, min_value=-1, max_value=1, required=False)
    interest_collected = serializers.DecimalField(max_digits=18, decimal_places=2, min_value=0, required=False)
    administrative_expenses = serializers.DecimalField(max_digits=18, decimal_places=2, min_value=0, required=False)


class DueShown(Of):
    """The next payment date worked out; `default_at` says at which step an event of default arose."""

    number = serializers.IntegerField(source="date.number")
    pay_date = serializers.DateField(source="date.pay_date")
    default_at = serializers.CharField(source="run.place")
    is_accelerated = serializers.BooleanField(
        source="date.is_accelerated", help_text="Paid in one priority of all proceeds, after an event of default."
    )
    lines = LineShown(many=True, source="date.lines")
    balances = serializers.DictField(child=figure(), source="date.end.balances")
    deferred = serializers.DictField(child=figure(), source="date.end.deferred")
    principal_cash = figure(source="date.end.principal_cash")

    def to_representation(self, due: Due) -> Any:
        return super().to_representation({"date": due.run.dates[0], "run": due.run})


class PaymentShown(Of):
    """A payment date as it was booked; never changed."""

    code = serializers.UUIDField()
    deal = code_of("deal")
    pool = code_of("snapshot")
    number = serializers.IntegerField()
    pay_date = serializers.DateField()
    inputs = serializers.DictField()
    balances = serializers.DictField(child=serializers.CharField(), source="closing.balances")
    deferred = serializers.DictField(child=serializers.CharField(), source="closing.deferred")
    lines = LineShown(many=True, source="closing.lines")
    engine_version = serializers.CharField()
    made_by = Person()
    created_at = serializers.DateTimeField()

    def to_representation(self, payment: Payment) -> Any:
        lines = [
            {**line, "paid": Decimal(line["paid"]), "due": None if line["due"] is None else Decimal(line["due"])}
            for line in payment.closing["lines"]
        ]
        payment.closing = {**payment.closing, "lines": lines}
        return super().to_representation(payment)


class CashScenarioShown(Of):
    """Assumptions under a name."""

    code = serializers.UUIDField()
    deal = code_of("deal")
    name = serializers.CharField()
    terms = serializers.DictField()
    made_by = Person()
    created_at = serializers.DateTimeField()


class NewCashScenario(Of):
    """A name, new or known, and terms: cdr, cpr, severity and the others of the page; the rest stand at their defaults."""

    name = serializers.CharField(max_length=120)
    terms = serializers.DictField(required=False, default=dict)


class PaidDateShown(Of):
    number = serializers.IntegerField()
    pay_date = serializers.DateField()
    is_accelerated = serializers.BooleanField()
    lines = LineShown(many=True)
    balances = serializers.DictField(child=figure(), source="end.balances")


class OutcomeShown(Of):
    """A scenario run to its end: totals by class, and every step of every date."""

    ending = serializers.CharField(source="run.ending.value")
    default_at = serializers.CharField(source="run.place")
    first_failure = serializers.CharField()
    interest = serializers.DictField(child=figure())
    principal = serializers.DictField(child=figure())
    not_repaid = serializers.DictField(child=figure(), source="left")
    subordinated = figure()
    incentive_fee = figure(source="incentive")
    fees = figure()
    equity_irr = serializers.FloatField(allow_null=True)
    dates = PaidDateShown(many=True, source="run.dates")


class PoolSimulationShown(JobShown):
    """Defaults, losses by class and migrations on random paths; `summary` is empty until it is done."""

    pool = code_of("snapshot")
    terms = serializers.DictField()
    engine_version = serializers.CharField()
    summary = serializers.DictField()


class NewPoolSimulation(Of):
    """Paths, seed, years, correlation, same_industry; what is left out stands at its default."""

    terms = serializers.DictField(required=False, default=dict)


class NewTrusteeFile(Of):
    """A trustee's figures: columns line and value."""

    file = serializers.FileField(allow_empty_file=True)


class TrusteeReportShown(Of):
    """A trustee's figures beside ours, line by line."""

    code = serializers.UUIDField()
    run = code_of("run")
    file_name = serializers.CharField()
    file_hash = serializers.CharField()
    lines = serializers.ListField(child=serializers.DictField())
    made_by = Person()
    created_at = serializers.DateTimeField()


class SavedReportShown(Of):
    """What a report holds, under a name."""

    code = serializers.UUIDField()
    name = serializers.CharField()
    sections = serializers.ListField(child=serializers.CharField())
    columns = serializers.ListField(child=serializers.CharField(), help_text="Of the assets.")
    made_by = Person()
    created_at = serializers.DateTimeField()


class NewReport(Of):
    """A name, new or known; sections, and columns of the assets where they are among them."""

    name = serializers.CharField(max_length=120)
    sections = serializers.ListField(child=serializers.ChoiceField(list(SECTIONS)))
    columns = serializers.ListField(child=serializers.ChoiceField(list(ASSET_COLUMNS)), required=False, default=list)


class IssuedNoteShown(Of):
    """A class of notes issued here, as columns of a tape."""

    code = serializers.CharField()
    title = serializers.CharField()
    cells = serializers.DictField(child=serializers.CharField())
    indicated_rating = serializers.CharField(help_text="The house's own; no agency's.")
    provenance = serializers.CharField()
    content_hash = serializers.CharField()


class IssuedNotes(Of):
    items = IssuedNoteShown(many=True)


class NewNote(Of):
    """A class, and what its papers do not say, as texts of a tape's columns; with where it was read."""

    note = serializers.CharField(max_length=120)
    cells = serializers.DictField(child=serializers.CharField(max_length=200), required=False, default=dict)
    source = serializers.CharField(max_length=200)  # type: ignore[assignment]  # a field's name


class ReportQuery(Of):
    form = serializers.ChoiceField(list(FORMS), default="xlsx")
    saved = serializers.UUIDField(required=False, help_text="A saved report; left out: the whole one.")
    run = serializers.UUIDField(required=False, help_text="Left out: the latest tests.")


def _deal_run(deal: Deal) -> ComplianceRun:
    run = latest_run(deal)
    if run is None:
        raise NotFound("The deal has no pool yet: import a tape first.")
    return run


def _rows(trades: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Trades as a basket keeps them."""
    return [{**row, "par": f"{row['par']:f}", "price_pct": f"{row['price_pct']:f}"} for row in trades]


def _tried(basket: Basket) -> Tried:
    try:
        return tried(basket)
    except InputProblems as error:
        raise Invalid(error.problems) from error


class Deals(ApiView):
    tag = TAG

    @operation("list_clo_deals", answer=DealShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[Deal]:
        """Lists CLO deals."""
        require(request.user, VIEW)
        return visible_deals(request.user)


class DealDetail(ApiView):
    tag = TAG

    @operation("read_clo_deal", answer=DealShown)
    def get(self, request: Caller, code: UUID) -> Deal:
        """Reads a deal."""
        return get_deal(request.user, code)


class AfterDefault(Of):
    accelerates = serializers.BooleanField(help_text="In one priority of all proceeds; else payments stop.")


class DealAfterDefault(ApiView):
    tag = TAG

    @operation("set_clo_after_default", scope=Scope.ISSUE, body=AfterDefault, answer=DealShown)
    def put(self, request: Caller, code: UUID, data: dict[str, Any]) -> Deal:
        """Says how payments go on after an event of default."""
        return set_after_default(by=request.user, deal=get_deal(request.user, code), **data)


class DealPools(ApiView):
    tag = TAG

    @operation("list_clo_pools", answer=DealPoolShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[PoolSnapshot]:
        """Lists the pools of a deal and its candidates, the latest first."""
        deal = get_deal(request.user, code)
        return PoolSnapshot.objects.filter(deal=deal).select_related("deal", "made_by").defer("content", "warnings")


class PoolDetail(ApiView):
    tag = TAG

    @operation("read_clo_pool", answer=DealPoolDetail)
    def get(self, request: Caller, code: UUID) -> PoolSnapshot:
        """Reads a pool with its assets."""
        return get_of_deal(request.user, PoolSnapshot, code)


def _edits(data: dict[str, Any]) -> list[Edit]:
    return [Edit(row["column"], Do(row["do"]), row["value"]) for row in data["edits"]]


class TryEdits(ApiView):
    tag = TAG

    @operation("try_asset_edits", scope=Scope.RUN, body=AssetEdits, answer=EditsTriedShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> dict[str, Any]:
        """Tries edits of many assets of a pool. Nothing is kept."""
        pool = get_of_deal(request.user, PoolSnapshot, code)
        found = edited(pool, data["assets"], _edits(data))
        told = {"cells": found.cells, "refused": found.refused, "warnings": found.warnings}
        return {**told, "changes": effect(pool, found)}


class ApplyEdits(ApiView):
    tag = TAG

    @operation("apply_asset_edits", scope=Scope.WRITE, body=AppliedEdits, answer=DealPoolShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> PoolSnapshot:
        """Applies edits of many assets as the deal's next pool; cells that are refused stay as they are."""
        pool, edits = get_of_deal(request.user, PoolSnapshot, code), _edits(data)
        return edit_assets(by=request.user, pool=pool, assets=data["assets"], edits=edits, reason=data["reason"])


class Tapes(UploadView):
    tag = TAG

    @operation("list_tapes", answer=TapeShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[TapeImport]:
        """Lists the tapes of a deal."""
        return TapeImport.objects.filter(deal=get_deal(request.user, code)).select_related("deal", "made_by")

    @operation("upload_tape", scope=Scope.WRITE, body=NewTape, answer=TapeDetailShown, status=201, whole=False)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> TapeImport:
        """Takes a tape in; nothing of it counts before it is applied."""
        deal, file, positions = get_deal(request.user, code), data["file"], data.get("positions")
        require_prepare(request.user, deal)
        pool = latest_pool(deal)
        day = data.get("determination_date") or (pool.determination_date if pool else None)
        if day is None:
            raise refuse("required", "determination_date", "Determination date: the deal has no pool to take it from.")
        return open_import(
            by=request.user,
            deal=deal,
            sender=data["sender"],
            file_name=file.name,
            content=file.read(),
            determination_date=day,
            positions=(positions.name, positions.read()) if positions else None,
            purpose=data["purpose"],
        )


class TapeDetail(ApiView):
    tag = TAG

    @operation("read_tape", answer=TapeDetailShown)
    def get(self, request: Caller, code: UUID) -> TapeImport:
        """Reads a tape with its problems and what it would change."""
        return get_of_deal(request.user, TapeImport, code)


class TapeMapping(ApiView):
    tag = TAG
    current = TapeDetail

    @operation("map_tape", scope=Scope.WRITE, body=NewMapping, answer=TapeDetailShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> TapeImport:
        """Says what each header means; kept for the sender's next file."""
        return map_import(by=request.user, tape=get_of_deal(request.user, TapeImport, code), **data)


class TapeCells(ApiView):
    tag = TAG
    current = TapeDetail

    @operation("mend_tape", scope=Scope.WRITE, body=NewCells, answer=TapeDetailShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> TapeImport:
        """Mends cells; what stood there is kept."""
        cells = {(cell["row"], cell["column"]): cell["value"] for cell in data["cells"]}
        return mend_import(by=request.user, tape=get_of_deal(request.user, TapeImport, code), cells=cells)


class TapeLeaveOut(ApiView):
    tag = TAG
    current = TapeDetail

    @operation("leave_out_row", scope=Scope.WRITE, body=LeftOut, answer=TapeDetailShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> TapeImport:
        """Leaves a row out, with the reason."""
        return leave_out(by=request.user, tape=get_of_deal(request.user, TapeImport, code), **data)


class TapeDiscard(ApiView):
    tag = TAG
    current = TapeDetail

    @operation("discard_tape", scope=Scope.WRITE, answer=TapeDetailShown)
    def post(self, request: Caller, code: UUID) -> TapeImport:
        """Puts a tape away."""
        return discard_import(by=request.user, tape=get_of_deal(request.user, TapeImport, code))


class TapeApply(ApiView):
    tag = TAG
    current = TapeDetail

    @operation("apply_tape", scope=Scope.WRITE, body=NewRates, answer=DealPoolShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> PoolSnapshot:
        """Makes a tape the next pool and takes its tests: every row, or nothing while one is refused."""
        tape = get_of_deal(request.user, TapeImport, code)
        given = {**pool_defaults(latest_pool(tape.deal), tape.deal), **data}
        return apply_import(
            by=request.user,
            tape=tape,
            principal_cash=Decimal(given["principal_cash"]),
            interest_cash=Decimal(given["interest_cash"]),
            fx=given["fx"],
            index_rates=given["index_rates"],
        )


class TestRuns(ApiView):
    tag = TAG

    @operation("list_test_runs", answer=TestRunShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[ComplianceRun]:
        """Lists the tests taken of a deal, the latest first."""
        runs = ComplianceRun.objects.filter(deal=get_deal(request.user, code))
        return runs.select_related("deal", "snapshot", "limit_set", "made_by")


class TestRunDetail(ApiView):
    tag = TAG

    @operation("read_test_run", answer=TestRunDetailShown)
    def get(self, request: Caller, code: UUID) -> ComplianceRun:
        """Reads all tests of a pool, with numerators, denominators, margins and cures."""
        return get_of_deal(request.user, ComplianceRun, code)


class TestDetail(ApiView):
    tag = TAG

    @operation("read_test", answer=TestDetailShown)
    def get(self, request: Caller, code: UUID, index: int) -> Any:
        """Reads one test with the rows behind it."""
        found: Compliance = checked(get_of_deal(request.user, ComplianceRun, code))[2]
        result = next((each for each in found.results if each.rule.number == index), None)
        if result is None:
            raise NotFound("The deal has no such test.")
        return result


class TestHistory(ApiView):
    tag = TAG

    @operation("list_test_history", answer=PastTestShown, pages="pk")
    def get(self, request: Caller, code: UUID, index: int) -> QuerySet[ComplianceResult]:
        """Lists one test by date, the latest first."""
        found = ComplianceResult.objects.filter(run__deal=get_deal(request.user, code), number=index)
        return found.select_related("run__snapshot")


class TryTrades(ApiView):
    tag = TAG

    @operation("try_trades", scope=Scope.RUN, body=Trades, answer=TriedShown, example=TRADE_EXAMPLE)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Tried:
        """Tries trades on the pool as it stands: every test before and after. Nothing is kept."""
        deal = get_deal(request.user, code)
        return _tried(Basket(deal=deal, snapshot=_deal_run(deal).snapshot, trades=_rows(data["trades"])))


class Baskets(ApiView):
    tag = TAG

    @operation("list_baskets", answer=BasketShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Basket]:
        """Lists the baskets of a deal."""
        found = Basket.objects.filter(deal=get_deal(request.user, code))
        return found.select_related("deal", "snapshot", "made_by", "decided_by")

    @operation("make_basket", scope=Scope.WRITE, body=NewBasket, answer=BasketShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Basket:
        """Makes a basket on the pool as it stands."""
        basket = make_basket(by=request.user, deal=get_deal(request.user, code), name=data["name"])
        trades = _rows(data["trades"])
        return set_trades(by=request.user, basket=basket, trades=trades) if trades else basket


class BasketDetail(ApiView):
    tag = TAG

    @operation("read_basket", answer=BasketShown)
    def get(self, request: Caller, code: UUID) -> Basket:
        """Reads a basket."""
        return _basket(request, code)

    @operation("set_trades", scope=Scope.WRITE, body=Trades, answer=BasketShown)
    def put(self, request: Caller, code: UUID, data: dict[str, Any]) -> Basket:
        """Sets the trades of a draft."""
        return set_trades(by=request.user, basket=_basket(request, code), trades=_rows(data["trades"]))


def _basket(request: Caller, code: UUID) -> Basket:
    return get_of_deal(request.user, Basket, code)


class BasketChanges(ApiView):
    tag = TAG

    @operation("read_basket_changes", answer=TriedShown)
    def get(self, request: Caller, code: UUID) -> Tried:
        """Reads every test before and after a basket."""
        return _tried(_basket(request, code))


class BasketSearch(ApiView):
    tag = TAG

    @operation("search_candidates", scope=Scope.RUN, body=Objective, answer=Candidates)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> dict[str, Any]:
        """Tries every candidate on top of a basket and ranks them. Nothing is kept."""
        unknown = [name for name in data["weights"] if not (name.isdecimal() and int(name) in RULES)]
        if unknown:
            raise Invalid([Problem("unknown_test", f"weights.{each}", f"There is no test {each}.") for each in unknown])
        weights = {int(name): weight for name, weight in data["weights"].items()}
        try:
            return {"items": ranked(_basket(request, code), Side(data["side"]), data["par"], weights)}
        except InputProblems as error:
            raise Invalid(error.problems) from error


class BasketSubmit(ApiView):
    tag = TAG
    current = BasketDetail

    @operation("submit_basket", scope=Scope.WRITE, answer=BasketShown)
    def post(self, request: Caller, code: UUID) -> Basket:
        """Sends a basket to a second person; refused where it breaks a test or the cash."""
        return submit_basket(by=request.user, basket=_basket(request, code))


class BasketApprove(ApiView):
    tag = TAG
    current = BasketDetail

    @operation("approve_basket", scope=Scope.ISSUE, body=Reason, answer=BasketShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Basket:
        """Approves a basket; who made it may not."""
        return decide_basket(by=request.user, basket=_basket(request, code), approve=True, **data)


class BasketReject(ApiView):
    tag = TAG
    current = BasketDetail

    @operation("reject_basket", scope=Scope.ISSUE, body=Reason, answer=BasketShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Basket:
        """Sends a basket back, with the reason."""
        return decide_basket(by=request.user, basket=_basket(request, code), approve=False, **data)


class BasketBook(ApiView):
    tag = TAG
    current = BasketDetail

    @operation("book_basket", scope=Scope.ISSUE, answer=DealPoolShown, status=201)
    def post(self, request: Caller, code: UUID) -> PoolSnapshot:
        """Books an approved basket: its trades make the next pool."""
        return book_basket(by=request.user, basket=_basket(request, code))


def _collections(run: ComplianceRun, typed: dict[str, Any]) -> Collections:
    return replace(defaults_of(run), **typed)


class NextPayment(ApiView):
    tag = TAG

    @operation("read_next_payment", query=CollectionsTyped, answer=DueShown)
    def get(self, request: Caller, code: UUID, query: dict[str, Any]) -> Due:
        """Works out the next payment date, every step with its reason. Nothing is kept."""
        run = _deal_run(get_deal(request.user, code))
        return next_payment(run, _collections(run, query))


class Payments(ApiView):
    tag = TAG

    @operation("list_payments", answer=PaymentShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Payment]:
        """Lists the payment dates booked, the latest first."""
        return Payment.objects.filter(deal=get_deal(request.user, code)).select_related("deal", "snapshot", "made_by")

    @operation("book_payment", scope=Scope.ISSUE, body=CollectionsTyped, answer=PaymentShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Payment:
        """Books the next payment date; balances and cash follow it."""
        run = _deal_run(get_deal(request.user, code))
        return book_payment(by=request.user, run=run, typed=_collections(run, data))


class PaymentDetail(ApiView):
    tag = TAG

    @operation("read_payment", answer=PaymentShown)
    def get(self, request: Caller, code: UUID) -> Payment:
        """Reads a payment date as it was booked."""
        return get_of_deal(request.user, Payment, code)


class CashScenarios(ApiView):
    tag = TAG

    @operation("list_cash_scenarios", answer=CashScenarioShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Scenario]:
        """Lists the scenarios of a deal."""
        return Scenario.objects.filter(deal=get_deal(request.user, code)).select_related("deal", "made_by")

    @operation("save_cash_scenario", scope=Scope.WRITE, body=NewCashScenario, answer=CashScenarioShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Scenario:
        """Keeps a scenario under its name."""
        return save_scenario(by=request.user, deal=get_deal(request.user, code), **data)


class CashScenarioDetail(ApiView):
    tag = TAG

    @operation("read_cash_scenario", answer=CashScenarioShown)
    def get(self, request: Caller, code: UUID) -> Scenario:
        """Reads a scenario."""
        return get_of_deal(request.user, Scenario, code)

    @operation("delete_cash_scenario", scope=Scope.WRITE, status=204)
    def delete(self, request: Caller, code: UUID) -> None:
        """Deletes a scenario."""
        delete_scenario(by=request.user, scenario=get_of_deal(request.user, Scenario, code))


class CashScenarioOutcome(ApiView):
    tag = TAG

    @operation("run_cash_scenario", answer=OutcomeShown)
    def get(self, request: Caller, code: UUID) -> Outcome:
        """Runs a scenario to the deal's end on the pool as it stands."""
        scenario = get_of_deal(request.user, Scenario, code)
        return run_scenario(_deal_run(scenario.deal), scenario)


class PoolSimulations(ApiView):
    tag = TAG

    @operation("list_pool_simulations", answer=PoolSimulationShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[PoolSimulation]:
        """Lists the simulations of a deal's pools."""
        found = PoolSimulation.objects.filter(snapshot__deal=get_deal(request.user, code))
        return found.select_related("snapshot", "requested_by")

    @operation(
        "simulate_pool",
        scope=Scope.RUN,
        body=NewPoolSimulation,
        answer=PoolSimulationShown,
        status=201,
        example={"terms": {"paths": 100_000, "correlation": 0.2}},
    )
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> PoolSimulation:
        """Simulates defaults of the pool as it stands; a worker does it."""
        pool = _deal_run(get_deal(request.user, code)).snapshot
        return request_pool_simulation(by=request.user, pool=pool, terms=data["terms"])


class PoolSimulationDetail(ApiView):
    tag = TAG

    @operation("read_pool_simulation", answer=PoolSimulationShown)
    def get(self, request: Caller, code: UUID) -> PoolSimulation:
        """Reads a simulation; its progress is that of the job of the same code."""
        return get_of_deal(request.user, PoolSimulation, code, "snapshot__deal")


class TrusteeReports(UploadView):
    tag = TAG

    @operation("list_trustee_reports", answer=TrusteeReportShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[TrusteeReport]:
        """Lists the trustee's files of a deal beside our figures."""
        return TrusteeReport.objects.filter(deal=get_deal(request.user, code)).select_related("run", "made_by")

    @operation(
        "compare_trustee", scope=Scope.WRITE, body=NewTrusteeFile, answer=TrusteeReportShown, status=201, whole=False
    )
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> TrusteeReport:
        """Compares a trustee's file with the latest tests."""
        run, file = _deal_run(get_deal(request.user, code)), data["file"]
        return compare_trustee(by=request.user, run=run, file_name=file.name, content=file.read())


class Report(ApiView):
    tag = TAG

    @operation("download_clo_report", query=ReportQuery, file="*/*")
    def get(self, request: Caller, code: UUID, query: dict[str, Any]) -> HttpResponse:
        """Takes the report of a deal's tests away: a workbook with live formulas, or a PDF."""
        deal = get_deal(request.user, code)
        run = deal.test_runs.filter(code=query["run"]).first() if "run" in query else latest_run(deal)
        if run is None:
            raise NotFound("There are no such tests of this deal.")
        if "saved" not in query:
            return sent_report(run, query["form"])
        saved = deal.saved_reports.filter(code=query["saved"]).first()
        if saved is None:
            raise NotFound("There is no such report of this deal.")
        return sent_report(run, query["form"], layout_of(saved))


class SavedReports(ApiView):
    tag = TAG

    @operation("list_clo_reports", answer=SavedReportShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[SavedReport]:
        """Lists the reports kept of a deal."""
        return SavedReport.objects.filter(deal=get_deal(request.user, code)).select_related("made_by")

    @operation("save_clo_report", scope=Scope.WRITE, body=NewReport, answer=SavedReportShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> SavedReport:
        """Keeps a report under its name."""
        return save_report(by=request.user, deal=get_deal(request.user, code), **data)


class Notes(ApiView):
    tag = TAG

    @operation("list_issued_notes", answer=IssuedNotes)
    def get(self, request: Caller, code: UUID) -> dict[str, Any]:
        """Lists the classes of notes issued here that a deal may buy."""
        get_deal(request.user, code)
        return {"items": issued_notes(request.user)}

    @operation("take_issued_note", scope=Scope.WRITE, body=NewNote, answer=DealPoolShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> PoolSnapshot:
        """Takes a class among the deal's candidates, for a basket to buy."""
        deal = get_deal(request.user, code)
        require_prepare(request.user, deal)
        note = get_issued(request.user, data["note"])
        return take_note(by=request.user, deal=deal, note=note, asked=data["cells"], source=data["source"])
