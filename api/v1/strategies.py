"""Strategies: desks, universes and their panels, strategies and what is worked out of them, checks, orders, exports."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, UploadView, operation
from api.v1.jobs import JobShown
from api.v1.records import version_views
from api.v1.shared import Found, Of, Person, code_of
from lib.errors import Invalid
from lib.verbs import refuse
from strategies.access import get_desk, get_visible, require_view, visible, visible_desks
from strategies.defaults import default_content
from strategies.flow import STEPS
from strategies.models import (
    CheckStatus,
    ComplianceCheck,
    Dataset,
    DatasetKind,
    Decision,
    Desk,
    DeskLimits,
    Export,
    ExportForm,
    ImportState,
    PanelImport,
    PaperOrder,
    RoleRun,
    ScenarioSet,
    State,
    Strategy,
    StrategyRun,
    StrategyVersion,
    Task,
    Universe,
)
from strategies.panel_imports import read_import
from strategies.queries import last_done, latest_version, runs_of, versions_of
from strategies.services.check import check_version
from strategies.services.construct import request_portfolio, save_construction
from strategies.services.decide import take_step
from strategies.services.exports import make_export
from strategies.services.import_panel import apply_import, open_import, still_wrong
from strategies.services.measures import (
    change_benchmark,
    change_costs,
    request_backtest,
    request_risk,
    request_scenarios,
    save_scenario_set,
)
from strategies.services.orders import draw_up_orders
from strategies.services.roles import request_roles
from strategies.services.signals import request_signals, save_signal
from strategies.services.strategies import make_strategy
from strategies.services.universes import make_universe, put_members
from strategies.views.exports import sent_export

TAG = "strategies"
DESK_LIMITS = version_views(DeskLimits, "desk_limits")
STRATEGY_EXAMPLE = {"name": "Carry", "universe": "00000000-0000-4000-8000-000000000000", "limits": "long-only-fund"}


class DeskShown(Of):
    """A desk that the caller is on, or that the house reads."""

    code = serializers.UUIDField()
    name = serializers.CharField()
    currency = serializers.CharField()


class UniverseShown(Of):
    """Names a desk may hold, each with its days."""

    code = serializers.UUIDField()
    desk = code_of("desk")
    name = serializers.CharField()
    members = serializers.ListField(child=serializers.DictField())


class Members(Of):
    members = serializers.ListField(child=serializers.DictField(), max_length=20_000)


class NewUniverse(Members):
    """The desk, a name, and its members: ident, name, sector, currency, from_date, until_date."""

    desk = serializers.UUIDField()
    name = serializers.CharField(max_length=120)
    members = serializers.ListField(child=serializers.DictField(), max_length=20_000, required=False, default=list)


class DatasetShown(Of):
    """A panel in force from the day it was taken; never changed."""

    code = serializers.UUIDField()
    universe = code_of("universe")
    kind = serializers.ChoiceField(DatasetKind.choices)
    number = serializers.IntegerField()
    file_hash = serializers.CharField(help_text="SHA-256 of the Parquet file.")
    summary = serializers.DictField()
    origin = serializers.CharField()
    made_by = Person()
    created_at = serializers.DateTimeField()


class NewPanel(Of):
    """A file of a panel: CSV, Excel or Parquet, one row a day and name."""

    file = serializers.FileField(allow_empty_file=True)
    kind = serializers.ChoiceField(DatasetKind.choices, default=DatasetKind.PRICES)
    sender = serializers.CharField(max_length=120, default="API")


class PanelShown(Of):
    """A file as it was read: taken where nothing is wrong with it, else open with its good rows kept."""

    code = serializers.UUIDField()
    universe = code_of("universe")
    kind = serializers.ChoiceField(DatasetKind.choices)
    state = serializers.ChoiceField(ImportState.choices)
    dataset = serializers.UUIDField(source="dataset.code", allow_null=True, default=None)
    problems = serializers.SerializerMethodField()

    @extend_schema_field(Found(many=True))
    def get_problems(self, found: PanelImport) -> Any:
        if found.state != ImportState.OPEN:
            return []
        reading = read_import(found)
        rows = [each.problem for each in reading.checked.refused[:MOST_PROBLEMS]]
        return Found([*still_wrong(reading), *rows], many=True).data


MOST_PROBLEMS = 200


class StrategyVersionShown(Of):
    """A strategy as somebody left it; never changed."""

    code = serializers.UUIDField()
    number = serializers.IntegerField()
    content = serializers.DictField(help_text="signal, construction, costs, rebalance, benchmark, initial_cash_amount.")
    content_hash = serializers.CharField()
    note = serializers.CharField()
    made_by = Person()
    created_at = serializers.DateTimeField()


class StrategyShown(Of):
    """A strategy with the version that holds: the approved one, else the last."""

    code = serializers.UUIDField()
    desk = code_of("desk")
    universe = code_of("universe")
    name = serializers.CharField()
    state = serializers.ChoiceField(State.choices)
    limits = serializers.CharField(source="limits_family")
    made_by = Person()
    created_at = serializers.DateTimeField()
    version = serializers.SerializerMethodField()

    @extend_schema_field(StrategyVersionShown)
    def get_version(self, strategy: Strategy) -> Any:
        return StrategyVersionShown(latest_version(strategy)).data


class NewStrategy(Of):
    """A name on a universe, under a family of limits. It begins with a plain signal, portfolio and costs."""

    name = serializers.CharField(max_length=120)
    universe = serializers.UUIDField()
    limits = serializers.SlugField(max_length=60)


class NewPart(Of):
    """One part of the content in place of the last version's; `based_on` is that version's number."""

    signal = serializers.DictField(required=False)
    construction = serializers.DictField(required=False)
    costs = serializers.DictField(required=False, help_text="With initial_cash_amount; needs rebalance beside it.")
    rebalance = serializers.CharField(required=False, max_length=20)
    benchmark = serializers.CharField(
        required=False, max_length=80, help_text="equal_weight, name:IDENT or index:IDENT."
    )
    note = serializers.CharField(allow_blank=True, default="", max_length=300)
    based_on = serializers.IntegerField(min_value=1)


class StrategyRunShown(JobShown):
    """One task of a version on datasets named by hash; `summary` is what it found."""

    version = code_of("version")
    task = serializers.ChoiceField(Task.choices)
    terms = serializers.DictField()
    datasets = serializers.DictField()
    engine_version = serializers.CharField()
    summary = serializers.DictField(help_text="Empty until it is done.")


class RunTerms(Of):
    """What is asked beside the version; what is left out stands at its default."""

    terms = serializers.DictField(required=False, default=dict)


class ScenarioTerms(RunTerms):
    scenario_set = serializers.UUIDField()


class DeskScenariosShown(Of):
    """Shocks of a desk under a name."""

    code = serializers.UUIDField()
    desk = code_of("desk")
    name = serializers.CharField()
    scenarios = serializers.ListField(child=serializers.DictField())


class NewScenarios(Of):
    """Rows as the page takes them: scenario, kind (factor or name), of (which), shock (-20%)."""

    name = serializers.CharField(max_length=120)
    rows = serializers.ListField(child=serializers.DictField(child=serializers.CharField(allow_blank=True)))


class CheckShown(Of):
    """The rules on a version's orders."""

    code = serializers.UUIDField()
    version = code_of("version")
    status = serializers.ChoiceField(CheckStatus.choices)
    reasons = serializers.ListField(child=serializers.DictField())
    inputs_hash = serializers.CharField()
    made_by = Person()
    created_at = serializers.DateTimeField()


class NewStep(Of):
    """A step of the flow, with why where it needs a reason, and the hash of the check that was seen."""

    step = serializers.ChoiceField([(step.code, step.label) for step in STEPS.values()])
    reason = serializers.CharField(allow_blank=True, default="", max_length=500)
    check_hash = serializers.CharField(allow_blank=True, default="", max_length=64)


class DecisionShown(Of):
    """A step that was taken."""

    code = serializers.UUIDField()
    before = serializers.ChoiceField(State.choices)
    after = serializers.ChoiceField(State.choices)
    reason = serializers.CharField()
    made_by = Person()
    created_at = serializers.DateTimeField()


class OrderShown(Of):
    """A paper order; it goes to no market."""

    code = serializers.UUIDField()
    ident = serializers.CharField()
    shares = serializers.IntegerField()
    close = serializers.DecimalField(max_digits=18, decimal_places=6)
    amount = serializers.DecimalField(max_digits=20, decimal_places=2)
    state = serializers.CharField()


class NewOrders(Of):
    lot_shares = serializers.IntegerField(min_value=1, max_value=1_000_000, default=1)


class ExportShown(Of):
    """A file of an approved strategy."""

    code = serializers.UUIDField()
    version = code_of("version")
    form = serializers.ChoiceField(ExportForm.choices)
    file_name = serializers.CharField()
    file_hash = serializers.CharField()
    size_bytes = serializers.IntegerField()
    made_by = Person()
    created_at = serializers.DateTimeField()


class NewExport(Of):
    form = serializers.ChoiceField(ExportForm.choices)


class RoleRunShown(Of):
    """One pass of the four roles: every call, text and answer."""

    code = serializers.UUIDField()
    version = code_of("version")
    model = serializers.CharField()
    status = serializers.CharField()
    is_complete = serializers.BooleanField()
    record = serializers.DictField()
    record_hash = serializers.CharField()
    made_by = Person()
    created_at = serializers.DateTimeField()


def _strategy(request: Caller, code: UUID) -> Strategy:
    return get_visible(request.user, Strategy, code)


class Desks(ApiView):
    tag = TAG

    @operation("list_desks", answer=DeskShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[Desk]:
        """Lists the desks that the caller may know of."""
        require_view(request.user)
        return visible_desks(request.user)


class Universes(ApiView):
    tag = TAG

    @operation("list_universes", answer=UniverseShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[Universe]:
        """Lists universes with their members."""
        require_view(request.user)
        return visible(request.user, Universe).select_related("desk")

    @operation("make_universe", scope=Scope.WRITE, body=NewUniverse, answer=UniverseShown, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> Universe:
        """Makes a universe on a desk."""
        desk, members = get_desk(request.user, data["desk"]), data["members"]
        universe = make_universe(by=request.user, desk=desk, name=data["name"])
        return put_members(by=request.user, universe=universe, rows=members) if members else universe


class UniverseMembers(ApiView):
    tag = TAG

    @operation("list_members", answer=UniverseShown)
    def get(self, request: Caller, code: UUID) -> Universe:
        """Reads a universe with its members."""
        return get_visible(request.user, Universe, code)

    @operation("put_members", scope=Scope.WRITE, body=Members, answer=UniverseShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Universe:
        """Puts members in, or changes their days: those of other names stay."""
        return put_members(by=request.user, universe=get_visible(request.user, Universe, code), rows=data["members"])


class UniverseUpload(UploadView):
    tag = TAG

    @operation("upload_panel", scope=Scope.WRITE, body=NewPanel, answer=PanelShown, status=201, whole=False)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> PanelImport:
        """Takes a panel in: applied where nothing is wrong with it, else open, to be mended on its page."""
        universe, file = get_visible(request.user, Universe, code), data["file"]
        found = open_import(
            by=request.user,
            universe=universe,
            kind=data["kind"],
            sender=data["sender"],
            file_name=file.name,
            content=file.read(),
        )
        with suppress(Invalid):  # what is wrong stands in the answer
            apply_import(by=request.user, found=found)
        found.refresh_from_db()
        return found


class Datasets(ApiView):
    tag = TAG

    @operation("list_datasets", answer=DatasetShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Dataset]:
        """Lists the panels of a universe."""
        universe = get_visible(request.user, Universe, code)
        return Dataset.objects.filter(universe=universe).select_related("universe", "made_by")


class Strategies(ApiView):
    tag = TAG

    @operation("list_strategies", answer=StrategyShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[Strategy]:
        """Lists strategies, the latest first."""
        require_view(request.user)
        return visible(request.user, Strategy).select_related("desk", "universe", "made_by", "approved_version")

    @operation(
        "make_strategy", scope=Scope.WRITE, body=NewStrategy, answer=StrategyShown, status=201, example=STRATEGY_EXAMPLE
    )
    def post(self, request: Caller, data: dict[str, Any]) -> Strategy:
        """Begins a strategy on a universe."""
        require_view(request.user)
        universe = get_visible(request.user, Universe, data["universe"])
        return make_strategy(
            by=request.user,
            universe=universe,
            name=data["name"],
            limits_family=data["limits"],
            content=default_content(),
        )


class StrategyDetail(ApiView):
    tag = TAG

    @operation("read_strategy", answer=StrategyShown)
    def get(self, request: Caller, code: UUID) -> Strategy:
        """Reads a strategy with its version."""
        return _strategy(request, code)


class StrategyVersions(ApiView):
    tag = TAG

    @operation("list_strategy_versions", answer=StrategyVersionShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[StrategyVersion]:
        """Lists the versions of a strategy, the last first."""
        return versions_of(_strategy(request, code))

    @operation("change_strategy", scope=Scope.WRITE, body=NewPart, answer=StrategyVersionShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> StrategyVersion:
        """Adds a version with one part changed; refused where somebody added one meanwhile, in review and after it."""
        strategy, by, based_on = _strategy(request, code), request.user, data["based_on"]
        parts = [name for name in ("signal", "construction", "costs", "benchmark") if name in data]
        if len(parts) != 1:
            raise refuse("one_part", "", "Send one of signal, construction, costs and benchmark.")
        if parts == ["signal"]:
            return save_signal(by=by, strategy=strategy, signal=data["signal"], note=data["note"], based_on=based_on)
        if parts == ["construction"]:
            given = data["construction"]
            return save_construction(by=by, strategy=strategy, construction=given, note=data["note"], based_on=based_on)
        if parts == ["benchmark"]:
            return change_benchmark(by=by, strategy=strategy, benchmark=data["benchmark"], based_on=based_on)
        rebalance = data.get("rebalance", latest_version(strategy).content["rebalance"])
        return change_costs(by=by, strategy=strategy, costs=data["costs"], rebalance=rebalance, based_on=based_on)


class StrategyRuns(ApiView):
    tag = TAG

    @operation("list_strategy_runs", answer=StrategyRunShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[StrategyRun]:
        """Lists what was worked out of a strategy, the latest first."""
        return runs_of(_strategy(request, code))


class StrategyRunDetail(ApiView):
    tag = TAG

    @operation("read_strategy_run", answer=StrategyRunShown)
    def get(self, request: Caller, code: UUID) -> StrategyRun:
        """Reads a run; its progress is that of the job of the same code."""
        return get_visible(request.user, StrategyRun, code)


class SignalsRun(ApiView):
    tag = TAG

    @operation("run_signals", scope=Scope.RUN, body=RunTerms, answer=StrategyRunShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> StrategyRun:
        """Scores the universe by the version's recipe, and measures the score."""
        version = latest_version(_strategy(request, code))
        return request_signals(by=request.user, version=version, terms=data["terms"])


class Optimize(ApiView):
    tag = TAG

    @operation("optimise_strategy", scope=Scope.RUN, answer=StrategyRunShown, status=201)
    def post(self, request: Caller, code: UUID) -> StrategyRun:
        """Makes the version's portfolio, or says which limits conflict."""
        return request_portfolio(by=request.user, version=latest_version(_strategy(request, code)))


class Backtests(ApiView):
    tag = TAG

    @operation("backtest_strategy", scope=Scope.RUN, body=RunTerms, answer=StrategyRunShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> StrategyRun:
        """Trades the version through its prices."""
        version = latest_version(_strategy(request, code))
        return request_backtest(by=request.user, version=version, terms=data["terms"])


class RiskRuns(ApiView):
    tag = TAG

    @operation("measure_risk", scope=Scope.RUN, body=RunTerms, answer=StrategyRunShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> StrategyRun:
        """Measures the risk of the version's portfolio."""
        version = latest_version(_strategy(request, code))
        return request_risk(by=request.user, version=version, terms=data["terms"])


class RiskMetrics(ApiView):
    tag = TAG

    @operation("read_risk_metrics", answer=StrategyRunShown)
    def get(self, request: Caller, code: UUID) -> StrategyRun:
        """Reads the last risk of the version that holds."""
        found = last_done(latest_version(_strategy(request, code)), Task.RISK)
        if found is None:
            raise refuse("not_measured", "", "The risk of this version has not been measured yet.")
        return found


class StrategyScenarios(ApiView):
    tag = TAG

    @operation("run_scenarios", scope=Scope.RUN, body=ScenarioTerms, answer=StrategyRunShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> StrategyRun:
        """Tries a set of shocks on the version's portfolio."""
        version = latest_version(_strategy(request, code))
        shocks = get_visible(request.user, ScenarioSet, data["scenario_set"])
        return request_scenarios(by=request.user, version=version, scenario_set=shocks, terms=data["terms"])


class DeskScenarios(ApiView):
    tag = TAG

    @operation("list_desk_scenarios", answer=DeskScenariosShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[ScenarioSet]:
        """Lists the sets of shocks of a desk."""
        return ScenarioSet.objects.filter(desk=get_desk(request.user, code)).select_related("desk")

    @operation("make_desk_scenarios", scope=Scope.WRITE, body=NewScenarios, answer=DeskScenariosShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> ScenarioSet:
        """Keeps a set of shocks."""
        desk = get_desk(request.user, code)
        return save_scenario_set(by=request.user, desk=desk, name=data["name"], rows=data["rows"])


class Pretrade(ApiView):
    tag = TAG

    @operation("check_strategy", scope=Scope.RUN, answer=CheckShown, status=201)
    def post(self, request: Caller, code: UUID) -> ComplianceCheck:
        """Checks the version's orders against the limits in force."""
        return check_version(by=request.user, version=latest_version(_strategy(request, code)))


class ComplianceHistory(ApiView):
    tag = TAG

    @operation("list_checks", answer=CheckShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[ComplianceCheck]:
        """Lists the checks of a strategy, the latest first."""
        found = ComplianceCheck.objects.filter(version__strategy=_strategy(request, code))
        return found.select_related("version", "made_by")


class Steps(ApiView):
    tag = TAG

    @operation("list_steps", answer=DecisionShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Decision]:
        """Lists the steps that a strategy took."""
        return Decision.objects.filter(strategy=_strategy(request, code)).select_related("made_by")

    @operation("take_step", scope=Scope.ISSUE, body=NewStep, answer=DecisionShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Decision:
        """Takes a step: submits, passes on, sends back, signs off, archives."""
        strategy = _strategy(request, code)
        return take_step(
            by=request.user,
            strategy=strategy,
            step=data["step"],
            reason=data["reason"],
            seen_hash=data["check_hash"],
        )


class Orders(ApiView):
    tag = TAG

    @operation("list_orders", answer=OrderShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[PaperOrder]:
        """Lists the paper orders of a strategy."""
        return PaperOrder.objects.filter(strategy=_strategy(request, code))

    @operation("draw_up_orders", scope=Scope.ISSUE, body=NewOrders, answer=StrategyShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Strategy:
        """Draws up paper orders of the approved version; list_orders reads them."""
        strategy = _strategy(request, code)
        draw_up_orders(by=request.user, strategy=strategy, lot_shares=data["lot_shares"])
        return strategy


class StrategyExports(ApiView):
    tag = TAG

    @operation("export_strategy", scope=Scope.ISSUE, body=NewExport, answer=ExportShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Export:
        """Makes a file of the approved version."""
        return make_export(by=request.user, strategy=_strategy(request, code), form=data["form"])


class ExportFile(ApiView):
    tag = TAG

    @operation("download_export", file="*/*")
    def get(self, request: Caller, code: UUID) -> HttpResponse:
        """Takes an export away."""
        return sent_export(get_visible(request.user, Export, code))


class StrategyRoles(ApiView):
    tag = TAG

    @operation("run_roles", scope=Scope.RUN, answer=StrategyRunShown, status=201)
    def post(self, request: Caller, code: UUID) -> StrategyRun:
        """Puts the four roles to work on the version; what their tools lack is run on the way. Once the run is done,
        read_role_run reads the pass by the run's code."""
        return request_roles(by=request.user, version=latest_version(_strategy(request, code)))


class RoleRunDetail(ApiView):
    tag = TAG

    @operation("read_role_run", answer=RoleRunShown)
    def get(self, request: Caller, code: UUID) -> RoleRun:
        """Reads a pass of the roles with every call and answer."""
        return get_visible(request.user, RoleRun, code)
