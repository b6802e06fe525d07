"""The search: lever sets, runs, their results, and what changes do to them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Scope
from api.fields import EngineField, row_schema
from api.operations import ApiView, Caller, operation
from api.paging import PageQuery, next_address, read_cursor
from api.shapes import plain
from api.v1.financings import FinancingShown
from api.v1.jobs import JobShown
from api.v1.shared import Of, code_of
from engine.permutations import AXES, PRESETS, LeverSet
from financings.basis import chosen_rules
from financings.catalogue import RESULTS
from financings.models import Financing
from jobs.models import JobState
from lib.errors import NotFound
from lib.streams import in_background
from permutations.access import get_run, require_can_run, visible_runs
from permutations.estimates import estimate_of
from permutations.kept import kept_words
from permutations.models import Impact, Run
from permutations.queries import impact_to_show
from permutations.rejudging import Rejudged
from permutations.results import cover_of, page_of_results, result_row, source_of
from permutations.services.open_permutation import open_permutation
from permutations.services.rejudge_run import rejudge_run
from permutations.services.request_impact import request_impact
from permutations.services.request_run import LARGEST_BUDGET, LARGEST_SEED, plan_run, request_run
from permutations.services.resume_run import resume_run
from projects.access import get_project, get_submission
from tables.exports import EXPORTS
from tables.query import query_from_params

EXAMPLE = {"levers": {"axes": {"senior_tenor_years": [15, 20], "senior_dscr": [1.3, 1.4]}}, "seed": 0}


@extend_schema_field(row_schema(RESULTS))
class RowField(serializers.JSONField):
    """A row of a run's results."""


class RunLine(JobShown):
    """A run in a list."""

    project = code_of("project")
    snapshot = code_of("snapshot")
    rule_set = code_of("rule_set")
    engine_version = serializers.CharField()
    seed = serializers.IntegerField()
    budget = serializers.IntegerField()
    space_size = serializers.CharField(help_text="Digits: it may outgrow every integer.")
    evaluated_count = serializers.IntegerField()
    objective = serializers.CharField()
    gate_a_alive = serializers.IntegerField()
    gate_b_alive = serializers.IntegerField()
    keeps_all_rows = serializers.BooleanField(
        help_text="Else rows are kept of what passed or nearly did, up to a limit."
    )


class RunShown(RunLine):
    """A run: with its snapshot, rules, lever set, terms, engine, seed and budget its result is determined."""

    lever_set = EngineField("lever_set")
    terms = EngineField("terms")
    rows = serializers.SerializerMethodField(help_text="Which rows are kept, and why; empty where all are.")

    def get_rows(self, run: Run) -> str:
        """In the words of the run's page."""
        return kept_words(run)


class NewRun(Of):
    """What to search. Levers and terms left out are the house's own."""

    levers = EngineField("lever_set", required=False, allow_null=True, default=None)
    terms = EngineField("terms", required=False, allow_null=True, default=None)
    rule_set = serializers.UUIDField(required=False, allow_null=True, default=None)
    budget = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_BUDGET)
    seed = serializers.IntegerField(default=0, min_value=0, max_value=LARGEST_SEED)
    may_sample = serializers.BooleanField(default=True, help_text="Where the space is larger than the budget.")
    all_rows = serializers.BooleanField(
        default=None,
        allow_null=True,
        help_text="Rows of permutations that stopped too; left out: of a run that is not large.",
    )


class RunQuery(Of):
    state = serializers.ChoiceField(JobState.choices, required=False)
    project = serializers.UUIDField(required=False)


class Best(Of):
    """The best permutation of a run."""

    index = serializers.IntegerField()


class SummaryShown(Of):
    """What a finished run found, at a glance."""

    state = serializers.ChoiceField(JobState.choices)
    best = Best(allow_null=True)
    summary = serializers.DictField(help_text="Counts by gate and reason, tiers, distributions, points of charts.")


class ResultQuery(PageQuery):
    """Which rows and columns."""

    column = serializers.ListField(child=serializers.CharField(max_length=60), required=False, max_length=100)
    filter = serializers.ListField(
        child=serializers.CharField(max_length=20_000), required=False, max_length=50, help_text="column|operator|value"
    )
    sort = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        max_length=20,
        help_text="A column; with - from its highest.",
    )


class ExportQuery(ResultQuery):
    """The same, as a file; the page is not asked for."""

    format = serializers.ChoiceField(list(EXPORTS), default="csv")


class ResultPage(Of):
    """Some rows of a run."""

    items = serializers.ListField(child=RowField())
    next = serializers.CharField(allow_null=True)
    total = serializers.IntegerField(help_text="Rows that pass the filters, of those that the run keeps.")


class ResultRow(Of):
    row = RowField()


class ColumnShown(Of):
    """What a column of results means."""

    name = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.CharField()
    group = serializers.CharField()
    help = serializers.CharField()
    dtype = serializers.CharField()
    words = serializers.DictField(child=serializers.CharField(), help_text="What its codes stand for.")


class ColumnList(Of):
    """Every column."""

    items = ColumnShown(many=True)


class PresetShown(Of):
    """A lever set of the house."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field's name
    help = serializers.CharField()
    lever_set = EngineField("lever_set")
    size = serializers.IntegerField()


class LeverShown(Of):
    """A lever: its range and unit."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field's name
    unit = serializers.CharField()
    default = serializers.JSONField()
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    choices = serializers.ListField(child=serializers.JSONField())
    help = serializers.CharField()


class LeverSets(Of):
    """Levers, and the lever sets of the house."""

    levers = LeverShown(many=True)
    presets = PresetShown(many=True)


class SpaceGiven(Of):
    levers = EngineField("lever_set")
    budget = serializers.IntegerField(min_value=1, max_value=LARGEST_BUDGET, default=LARGEST_BUDGET)


class Space(Of):
    """How large a run would be."""

    space = serializers.CharField(help_text="Digits.")
    evaluated = serializers.IntegerField()
    chunk_count = serializers.IntegerField()
    keeps_all_rows = serializers.BooleanField()
    estimate = serializers.CharField(help_text="Time and disk in words, as the demo project's spaces took.")


class RejudgedShown(Of):
    """Whether a run's figures are what its own rules give now."""

    is_identical = serializers.BooleanField()
    permutations = serializers.IntegerField()
    figures = serializers.IntegerField()
    sentence = serializers.CharField(source="__str__")


class ImpactShown(JobShown):
    """What a change request does to the best structures of the latest run."""

    run = code_of("run")
    summary = serializers.DictField()


class Levers(ApiView):
    tag = "runs"

    @operation("list_levers", answer=LeverSets)
    def get(self, request: Caller) -> dict[str, Any]:
        """Lists levers and the lever sets of the house."""
        presets = [
            {
                "code": code,
                "label": each.label,
                "help": each.help,
                "lever_set": each.levers.to_dict(),
                "size": each.levers.size,
            }
            for code, each in PRESETS.items()
        ]
        return {"levers": plain(list(AXES.values())), "presets": presets}


class LeverSpace(ApiView):
    tag = "runs"
    root = "levers"

    @operation("measure_lever_set", scope=Scope.RUN, body=SpaceGiven, answer=Space)
    def post(self, request: Caller, data: dict[str, Any]) -> dict[str, Any]:
        """Says how large a run of a lever set would be; nothing is kept."""
        require_can_run(request.user)
        plan = plan_run(LeverSet.from_dict(data["levers"]), data["budget"])
        cost = estimate_of(plan.evaluated, None, all_rows=plan.keeps_all_rows)
        return {
            "space": str(plan.space),
            "evaluated": plan.evaluated,
            "chunk_count": plan.chunk_count,
            "keeps_all_rows": plan.keeps_all_rows,
            "estimate": cost.sentence,
        }


class Columns(ApiView):
    tag = "runs"

    @operation("list_result_columns", answer=ColumnList)
    def get(self, request: Caller) -> dict[str, Any]:
        """Lists the columns of results, with the words of their codes."""
        return {"items": list(RESULTS.columns.values())}


class Runs(ApiView):
    tag = "runs"

    @operation("list_runs", query=RunQuery, answer=RunLine, pages="pk")
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[Run]:
        """Lists runs, the latest first."""
        found = visible_runs(request.user).select_related("requested_by").defer("summary", "lever_set", "terms")
        names = {"state": "state", "project": "project__code"}
        return found.filter(**{column: query[name] for name, column in names.items() if query.get(name)})


class ProjectRuns(ApiView):
    tag = "runs"

    @operation("start_run", scope=Scope.RUN, body=NewRun, answer=RunShown, status=201, example=EXAMPLE)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Run:
        """Asks for a run over a project's approved inputs; workers take it up."""
        project = get_project(request.user, code)
        require_can_run(request.user)
        rule_set = chosen_rules(project, str(data.pop("rule_set") or ""))
        return request_run(by=request.user, project=project, rule_set=rule_set, **data)


class RunDetail(ApiView):
    tag = "runs"

    @operation("read_run", answer=RunShown)
    def get(self, request: Caller, code: UUID) -> Run:
        """Reads a run; its progress is that of the job of the same code."""
        return get_run(request.user, code)


class RunSummary(ApiView):
    tag = "runs"

    @operation("read_run_summary", answer=SummaryShown)
    def get(self, request: Caller, code: UUID) -> dict[str, Any]:
        """Reads what a run found, at a glance; empty until it is done."""
        run = get_run(request.user, code)
        return {"state": run.state, "best": run.summary.get("best"), "summary": run.summary}


class RunResume(ApiView):
    tag = "runs"

    @operation("resume_run", scope=Scope.RUN, answer=RunShown)
    def post(self, request: Caller, code: UUID) -> Run:
        """Takes a cancelled or failed run up from its finished part."""
        return resume_run(by=request.user, run=get_run(request.user, code))


class RunRejudge(ApiView):
    tag = "runs"

    @operation("rejudge_run", scope=Scope.RUN, answer=RejudgedShown)
    def post(self, request: Caller, code: UUID) -> Rejudged:
        """Judges the best permutations of a run again under its own rules."""
        return rejudge_run(by=request.user, run=get_run(request.user, code))


class Results(ApiView):
    tag = "runs"

    @operation("list_results", query=ResultQuery, answer=ResultPage)
    def get(self, request: Caller, code: UUID, query: dict[str, Any]) -> dict[str, Any]:
        """Lists rows of a run: filtered, sorted, in pages."""
        run = get_run(request.user, code)
        number = read_cursor(request, query["cursor"]) if query.get("cursor") else 1
        asked = replace(query_from_params(_params(request)), page=number, page_size=query["limit"])
        page = page_of_results(run, asked)
        names = [column.name for column in page.columns]
        key = RESULTS.key
        rows = [
            {key: at, **dict(zip(names, map(plain, row), strict=True))}
            for at, row in zip(page.keys, page.rows, strict=True)
        ]
        following = number + 1 if number < page.page_count else None
        return {"items": rows, "next": next_address(request, following), "total": page.total}


class ResultDetail(ApiView):
    tag = "runs"

    @operation("read_result", answer=ResultRow)
    def get(self, request: Caller, code: UUID, index: str) -> dict[str, Any]:
        """Reads one permutation of a run with every column."""
        return {"row": plain(result_row(get_run(request.user, code), _index(index)))}


class ResultExport(ApiView):
    tag = "runs"

    @operation("export_results", query=ExportQuery, file="*/*")
    def get(self, request: Caller, code: UUID, query: dict[str, Any]) -> StreamingHttpResponse:
        """Takes every row that passes the filters away: CSV, Parquet, Arrow or a workbook, codes as words."""
        run = get_run(request.user, code)
        export, content_type, suffix = EXPORTS[query["format"]]
        asked = RESULTS.filled(query_from_params(_params(request)))
        pieces = partial(export, source_of(run), asked, cover_of(run))()
        response = StreamingHttpResponse(in_background(pieces), content_type=content_type)
        name = f"atlas-run-{str(run.code)[:8]}.{suffix}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


class ResultOpen(ApiView):
    tag = "runs"

    @operation("open_result", scope=Scope.WRITE, answer=FinancingShown)
    def post(self, request: Caller, code: UUID, index: str) -> Financing:
        """Opens a permutation of a run as a financing; the same values are the same financing."""
        return open_permutation(by=request.user, run=get_run(request.user, code), index=_index(index))


class SubmissionImpact(ApiView):
    tag = "reviews"

    @operation("read_impact", answer=ImpactShown)
    def get(self, request: Caller, code: UUID) -> Impact:
        """Reads what a change request does to the best structures of the latest run."""
        return _there(impact_to_show(get_submission(request.user, code)))

    @operation("request_impact", scope=Scope.RUN, answer=ImpactShown)
    def post(self, request: Caller, code: UUID) -> Impact:
        """Asks for the impact where it is not known."""
        return _there(request_impact(by=request.user, submission=get_submission(request.user, code)))


def _there(impact: Impact | None) -> Impact:
    if impact is None:
        raise NotFound("There is no impact of this submission: it is a first one, or no run is finished.")
    return impact


def _index(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound("This run did not evaluate that permutation.")
    return int(text)


def _params(request: Caller) -> Any:
    params = request._request.GET.copy()
    for name in ("page", "size"):
        params.pop(name, None)
    return params
