"""One financing: opened, typed or priced directly; its stress, simulations, evidence and compliance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Scope
from api.fields import EngineField, row_schema
from api.operations import ApiView, Caller, operation
from api.shapes import ShapeField
from api.v1.jobs import JobShown
from api.v1.shared import Of, Person, code_of
from engine.permutations import PermutationDetail
from engine.stress import (
    DRIVERS,
    HeatMap,
    ReverseRow,
    StressReport,
    TornadoBar,
    heat_map,
    read_scenarios,
    run_scenarios,
    standard_grid,
)
from financings.access import get_financing, visible_financings
from financings.basis import chosen_rules
from financings.catalogue import RESULTS
from financings.compliance import ComplianceReport, compliance_report
from financings.evaluation import Evaluation
from financings.evidence import entries
from financings.models import Evidence, EvidenceState, Financing, Simulation
from financings.pricing import price_directly
from financings.services.enter_evidence import enter_evidence
from financings.services.request_simulation import request_simulation
from financings.services.type_financing import type_financing
from financings.views.stress import heat_amounts
from lib.errors import NotFound
from projects.access import get_project
from projects.models import DATA_CENTRE
from ratings.models import MarketSet, RuleSet
from ratings.queries import rule_set_for
from ratings.scenario_access import get_scenario_set
from records.access import get_version

MOST_SCENARIOS = 200


@extend_schema_field(row_schema(RESULTS))
class FiguresField(serializers.JSONField):
    """A financing's figures by column."""


class FinancingShown(Of):
    """One structure of one project's inputs under one set of rules and terms, by one engine."""

    code = serializers.UUIDField()
    project = code_of("project")
    snapshot = code_of("snapshot")
    rule_set = code_of("rule_set")
    terms = EngineField("terms")
    choice = EngineField("choice")
    engine_version = serializers.CharField()
    content_hash = serializers.CharField(help_text="SHA-256 of all that its figures come from.")
    title = serializers.CharField()
    currency = serializers.CharField()
    made_by = Person()
    created_at = serializers.DateTimeField()


class NewFinancing(Of):
    """A structure of a project's approved inputs. Levers left out are the project's own, terms the house's."""

    choice = EngineField("choice")
    terms = EngineField("terms", default=dict)
    rule_set = serializers.UUIDField(required=False, allow_null=True, default=None)
    title = serializers.CharField(allow_blank=True, default="", max_length=120)


class PriceGiven(Of):
    """Inputs, terms and choice: nothing of it is kept."""

    inputs = EngineField("inputs")
    terms = EngineField("terms", default=dict)
    choice = EngineField("choice", default=dict)
    rule_set = serializers.UUIDField(required=False, allow_null=True, default=None)
    market_set = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Coupons are tested against it; without one they are not.",
    )


class DetailShown(Of):
    """Every figure, check, explanation and remedy of a structure."""

    figures = serializers.SerializerMethodField()
    detail = ShapeField(PermutationDetail, source="*")

    @extend_schema_field(row_schema(RESULTS))
    def get_figures(self, detail: PermutationDetail) -> Any:
        return ShapeField(dict).to_representation(detail.row)


class FinancingQuery(Of):
    project = serializers.UUIDField(required=False)


class StressQuery(Of):
    set = serializers.UUIDField(required=False, help_text="A set of scenarios; without one the standard grid.")
    across = serializers.ChoiceField(list(DRIVERS), default="vacancy")
    down = serializers.ChoiceField(list(DRIVERS), default="rates")


class StressGiven(Of):
    scenarios = EngineField("scenarios", help_text=f"At most {MOST_SCENARIOS}.")


@dataclass(frozen=True, slots=True)
class StressAnswer:
    """A financing under scenarios, what matters most, and how far until it breaks."""

    report: StressReport
    tornado: tuple[TornadoBar, ...]
    reverse: tuple[ReverseRow, ...]
    heat_map: HeatMap | None


class StressShown(Of):
    """A financing under stress."""

    stress = ShapeField(StressAnswer, source="*")


class ReportShown(Of):
    """A financing under scenarios."""

    report = ShapeField(StressReport, source="*")


class SimulationGiven(Of):
    terms = EngineField("simulation", default=dict)


class SimulationShown(JobShown):
    """A financing on correlated paths."""

    financing = code_of("financing")
    terms = EngineField("simulation")
    engine_version = serializers.CharField()
    summary = serializers.DictField(help_text="What was found; empty until it is done.")


class EvidenceShown(Of):
    """What somebody saw of a fact that central banks ask for."""

    code = serializers.UUIDField()
    fact = serializers.CharField()
    state = serializers.ChoiceField(EvidenceState.choices)
    symbol = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # a field's name
    seen_on = serializers.DateField()
    is_of_project = serializers.BooleanField()
    entered_by = Person()
    entered_at = serializers.DateTimeField()


class EvidenceGiven(Of):
    fact = serializers.CharField(max_length=80)
    state = serializers.ChoiceField(EvidenceState.choices)
    source = serializers.CharField(max_length=1_000)  # type: ignore[assignment]  # a field's name
    seen_on = serializers.DateField()
    symbol = serializers.CharField(allow_blank=True, default="", max_length=12)
    for_project = serializers.BooleanField(default=False)


class FactShown(Of):
    """A fact that is asked for, and where it stands."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field's name
    asked_by = serializers.ListField(child=serializers.CharField())
    stands = serializers.ChoiceField(["missing", *EvidenceState.values])


class EvidenceList(Of):
    """What is asked for, and all that was ever entered, the latest first."""

    facts = FactShown(many=True)
    entries = EvidenceShown(many=True)


class ComplianceQuery(Of):
    set = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=10, help_text="Sets of scenarios to evaluate."
    )


class ComplianceShown(Of):
    """Every check with its value, limit, headroom, verdict and source."""

    report = serializers.SerializerMethodField()

    @extend_schema_field(ShapeField(ComplianceReport))
    def get_report(self, report: ComplianceReport) -> Any:
        return report.as_dict()


class Financings(ApiView):
    tag = "financings"

    @operation("list_financings", query=FinancingQuery, answer=FinancingShown, pages="pk")
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[Financing]:
        """Lists financings, the latest first."""
        found = visible_financings(request.user)
        return found.filter(project__code=query["project"]) if query.get("project") else found


class ProjectFinancings(ApiView):
    tag = "financings"
    root = "choice"

    @operation("type_financing", scope=Scope.RUN, body=NewFinancing, answer=FinancingShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Financing:
        """Makes a financing by hand; the same values are the same financing."""
        project = get_project(request.user, code)
        rule_set = chosen_rules(project, str(data["rule_set"] or ""))
        terms = {"levers": data["choice"], "terms": data["terms"], "title": data["title"]}
        return type_financing(by=request.user, project=project, rule_set=rule_set, **terms)


class Price(ApiView):
    tag = "financings"

    @operation("price", scope=Scope.RUN, body=PriceGiven, answer=DetailShown)
    def post(self, request: Caller, data: dict[str, Any]) -> PermutationDetail:
        """Prices a structure directly; nothing is kept."""
        rules_code, market_code = data.pop("rule_set"), data.pop("market_set")
        rules = get_version(request.user, RuleSet, rules_code) if rules_code else rule_set_for(DATA_CENTRE)
        market = get_version(request.user, MarketSet, market_code) if market_code else None
        return price_directly(by=request.user, rule_set=rules, market_set=market, **data)


class FinancingDetail(ApiView):
    tag = "financings"

    @operation("read_financing", answer=FinancingShown)
    def get(self, request: Caller, code: UUID) -> Financing:
        """Reads what a financing is."""
        return get_financing(request.user, code)


class FinancingFigures(ApiView):
    tag = "financings"

    @operation("read_financing_detail", answer=DetailShown)
    def get(self, request: Caller, code: UUID) -> PermutationDetail:
        """Reads every figure, check, explanation and remedy of a financing, by the engine of today."""
        return Evaluation(get_financing(request.user, code)).detail


class FinancingStress(ApiView):
    tag = "financings"

    @operation("read_stress", query=StressQuery, answer=StressShown)
    def get(self, request: Caller, code: UUID, query: dict[str, Any]) -> StressAnswer:
        """Reads a financing under a set of scenarios, with tornado, reverse stress and a heat map of two drivers."""
        worked = Evaluation(get_financing(request.user, code)).worked
        deal = worked.deal
        chosen = get_scenario_set(request.user, query["set"]).terms() if query.get("set") else standard_grid(deal)
        across, down = DRIVERS[query["across"]], DRIVERS[query["down"]]
        heat = heat_map(deal, across.code, heat_amounts(across), down.code, heat_amounts(down))
        return StressAnswer(run_scenarios(deal, chosen), worked.tornado, worked.reverse_stress, heat)

    @operation("stress", scope=Scope.RUN, body=StressGiven, answer=ReportShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> StressReport:
        """Puts a financing under scenarios of one's own; nothing is kept."""
        deal = Evaluation(get_financing(request.user, code)).deal
        if len(data["scenarios"]) > MOST_SCENARIOS:
            raise NotFound(f"At most {MOST_SCENARIOS} scenarios are evaluated at once.")
        return run_scenarios(deal, read_scenarios(data["scenarios"]))


class FinancingSimulations(ApiView):
    tag = "financings"

    @operation("list_simulations", answer=SimulationShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Simulation]:
        """Lists the simulations of a financing, the latest first."""
        found = Simulation.objects.filter(financing=get_financing(request.user, code))
        return found.select_related("financing", "requested_by")

    @operation("simulate", scope=Scope.RUN, body=SimulationGiven, answer=SimulationShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Simulation:
        """Asks for a simulation; a worker runs it."""
        return request_simulation(by=request.user, financing=get_financing(request.user, code), **data)


class SimulationDetail(ApiView):
    tag = "financings"

    @operation("read_simulation", answer=SimulationShown)
    def get(self, request: Caller, code: UUID) -> Simulation:
        """Reads a simulation."""
        rows = Simulation.objects.filter(financing__in=visible_financings(request.user))
        found = rows.select_related("financing", "requested_by").filter(code=code).first()
        if found is None:
            raise NotFound("There is no such simulation.")
        return found


class FinancingEvidence(ApiView):
    tag = "financings"

    @operation("list_evidence", answer=EvidenceList)
    def get(self, request: Caller, code: UUID) -> dict[str, Any]:
        """Lists what central banks ask to be shown of a financing, and what was entered."""
        evaluation = Evaluation(get_financing(request.user, code))
        return {"facts": evaluation.facts, "entries": entries(evaluation.financing)}

    @operation("enter_evidence", scope=Scope.WRITE, body=EvidenceGiven, answer=EvidenceShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Evidence:
        """Enters what was seen of a fact; the last entry holds."""
        return enter_evidence(by=request.user, financing=get_financing(request.user, code), **data)


class Compliance(ApiView):
    tag = "financings"

    @operation("read_compliance", query=ComplianceQuery, answer=ComplianceShown)
    def get(self, request: Caller, code: UUID, query: dict[str, Any]) -> ComplianceReport:
        """Reads the compliance report of a financing."""
        evaluation = Evaluation(get_financing(request.user, code))
        chosen = [get_scenario_set(request.user, each) for each in query.get("set", ())]
        origin = evaluation.origins[0] if evaluation.origins else None
        return compliance_report(evaluation, chosen, origin)
