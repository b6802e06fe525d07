"""Notes: pools of loans, structures with their versions, runs of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.documents import LinkShown, NewLink, links_of
from api.v1.jobs import JobShown
from api.v1.shared import Of, Person, code_of
from documents.models import PackStatus, SharedPackLink
from documents.services.make_link import make_link
from documents.services.withdraw_pack import withdraw_pack
from financings.comparison import MOST
from jobs.models import JobState
from lib.errors import NotFound
from securitisation.access import (
    get_notes_pack,
    get_pool,
    get_run,
    get_structure,
    require_prepare,
    require_view,
    versions_of_codes,
    visible_pools,
    visible_structures,
)
from securitisation.hedge_valuing import ValuedHedges, valued_on
from securitisation.models import LoanPool, NotesPack, NotesRun, NoteStructure, StructureVersion
from securitisation.queries import latest_version, packs_of, runs_of, versions_of
from securitisation.run_terms import MOST_RATES, MOST_SCENARIOS
from securitisation.sending import files_of, send_archive
from securitisation.services.issue_notes_pack import issue_notes_pack
from securitisation.services.make_pool import MOST_FINANCINGS, make_pool
from securitisation.services.request_notes_pack import request_notes_pack
from securitisation.services.request_notes_run import request_notes_run, request_notes_runs
from securitisation.services.size_class import solve_size
from securitisation.services.tap_structure import tap_structure
from securitisation.services.write_structure import change_structure, make_structure
from securitisation.translate import engine_deal

RUN_EXAMPLE = {
    "cpr_rates": [0.0, 0.1],
    "cdr_rates": [0.0, 0.02, 0.05],
    "scenarios": [{"name": "Recession", "behaviour": {"default_kind": "cdr", "default": 0.06, "severity_ratio": 0.5}}],
}


class PoolShown(Of):
    """Loans that back notes; never changed."""

    code = serializers.UUIDField()
    name = serializers.CharField()
    currency = serializers.CharField()
    content = serializers.DictField(help_text="The loans.")
    content_hash = serializers.CharField(help_text="SHA-256 of the loans.")
    origin = serializers.CharField()
    made_by = Person()
    created_at = serializers.DateTimeField()


class NewPool(Of):
    """The financings whose senior debt becomes a pool."""

    financings = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_FINANCINGS, allow_empty=False)
    name = serializers.CharField(allow_blank=True, default="", max_length=120)


class StructureVersionShown(Of):
    """A structure as somebody left it: terms, pool and base case; never changed."""

    code = serializers.UUIDField()
    number = serializers.IntegerField()
    pool = code_of("pool")
    content = serializers.DictField(help_text="Classes, fees, reserve, hedges, triggers and steps.")
    behaviour = serializers.DictField(help_text="Prepayment, default and loss of the base case.")
    content_hash = serializers.CharField(help_text="SHA-256 of all that its figures come from.")
    note = serializers.CharField()
    made_by = Person()
    created_at = serializers.DateTimeField()


class StructureShown(Of):
    """An issue of notes with its last version."""

    code = serializers.UUIDField()
    name = serializers.CharField()
    owner = Person()
    created_at = serializers.DateTimeField()
    version = serializers.SerializerMethodField()

    @extend_schema_field(StructureVersionShown)
    def get_version(self, structure: NoteStructure) -> Any:
        return StructureVersionShown(latest_version(structure)).data


class NewStructure(Of):
    """A name and a pool. Terms and base case left out are proposed."""

    name = serializers.CharField(max_length=120)
    pool = serializers.UUIDField()
    content = serializers.DictField(required=False, allow_null=True, default=None)
    behaviour = serializers.DictField(required=False, allow_null=True, default=None)


class NewVersion(Of):
    """The whole terms and base case; `based_on` is the number of the version they were made from."""

    content = serializers.DictField()
    behaviour = serializers.DictField()
    based_on = serializers.IntegerField(min_value=1)
    note = serializers.CharField(allow_blank=True, default="", max_length=300)


class NewSeries(Of):
    """A further series beside a class, after so many payments of the base case, on what is left of the loans and a pool of further ones."""

    beside = serializers.CharField(max_length=60)
    series = serializers.CharField(max_length=60, help_text="The code of the series.")
    balance_amount = serializers.FloatField()
    coupon_rate = serializers.FloatField(required=False, default=0.0)
    margin_bps = serializers.FloatField(required=False, default=0.0)
    payments = serializers.IntegerField(required=False, default=0)
    further = serializers.UUIDField(required=False, allow_null=True, default=None)
    based_on = serializers.IntegerField(min_value=1)
    note = serializers.CharField(allow_blank=True, default="", max_length=300)


class NotesRunShown(JobShown):
    """A version under its base case, a grid and scenarios."""

    version = code_of("version")
    terms = serializers.DictField()
    engine_version = serializers.CharField()
    summary = serializers.DictField(
        help_text="Classes, paths, grid, losses, worth of the hedges; empty until it is done."
    )


class NewNotesRun(Of):
    """The rates of the grid, the yield prices are read at, scenarios by name."""

    cpr_rates = serializers.ListField(child=serializers.FloatField(), required=False, max_length=MOST_RATES)
    cdr_rates = serializers.ListField(child=serializers.FloatField(), required=False, max_length=MOST_RATES)
    yield_shift_bps = serializers.FloatField(required=False)
    correlation_ratio = serializers.FloatField(required=False)
    scenarios = serializers.ListField(child=serializers.DictField(), required=False, max_length=MOST_SCENARIOS)


class NewNotesRuns(NewNotesRun):
    """The versions to run at once, at most six, under one grid and the same scenarios."""

    versions = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST)


class NotesRunsShown(Of):
    """Runs that were asked for together, in the order of their versions."""

    runs = NotesRunShown(many=True)


class HedgesAsked(Of):
    """The day, by default the closing, and the market set, by default the one in force."""

    on = serializers.DateField(required=False, allow_null=True, default=None)
    market_set = serializers.UUIDField(required=False, allow_null=True, default=None)


class HedgeShown(Of):
    """A swap: its worth to the issuer on the day, and what is paid net in the base case over its life."""

    code = serializers.CharField()
    name = serializers.CharField()
    words = serializers.CharField()
    paid_amount = serializers.FloatField()
    worth = serializers.DictField(
        help_text="value_amount, legs, fair_rate or fair_margin_bps, what a basis point moves, exchanges to come."
    )


class HedgesShown(Of):
    """The issuer's swaps on a day under a market set."""

    on = serializers.DateField()
    market_set = code_of("market_set")
    swaps = HedgeShown(many=True)


class SizeAsked(Of):
    """The class whose largest balance is looked for, and what must hold; `taken_from` is `equity` or the code of a class."""

    class_code = serializers.CharField(max_length=40)
    taken_from = serializers.CharField(max_length=40, default="equity")
    keeps_ratings = serializers.BooleanField(default=True, help_text="Every class keeps its target rating.")
    is_repaid = serializers.BooleanField(
        default=True, help_text="In the base case every class is repaid, and interest that may not wait is paid."
    )
    equity_yield_rate = serializers.FloatField(required=False, allow_null=True, default=None)
    repaid_at_cdr_rate = serializers.FloatField(required=False, allow_null=True, default=None)
    correlation_ratio = serializers.FloatField(default=0.2)


class SizeTriedShown(Of):
    """One balance: equity and the classes' indicated ratings there, and what does not hold, in words."""

    balance_amount = serializers.FloatField()
    equity_amount = serializers.FloatField()
    equity_yield_rate = serializers.FloatField(allow_null=True)
    ratings = serializers.DictField(child=serializers.CharField())
    failed = serializers.ListField(child=serializers.CharField())


class SizeShown(Of):
    """The answer: `found` and `balances` are null where no balance keeps all that is asked."""

    before = SizeTriedShown()
    found = SizeTriedShown(allow_null=True)
    balances = serializers.DictField(child=serializers.FloatField(), allow_null=True)
    bound_by = serializers.ListField(child=serializers.CharField(), help_text="What keeps it from being larger.")
    tried = SizeTriedShown(many=True)


class NotesFile(Of):
    """One file of a pack of notes."""

    file = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    sha256 = serializers.CharField()
    size_bytes = serializers.IntegerField()


class NotesPackShown(JobShown):
    """The papers of a run: report, term sheets, presentation, investor report, live waterfall."""

    run = code_of("run")
    period = serializers.IntegerField(help_text="The payment date of its investor report, from 1.")
    organisation = serializers.CharField()
    confidentiality = serializers.CharField()
    status = serializers.ChoiceField(PackStatus.choices)
    number = serializers.CharField()
    issued_at = serializers.DateTimeField(allow_null=True)
    manifest_hash = serializers.CharField(help_text="SHA-256 of the manifest; fixed from its issue on.")
    files = serializers.SerializerMethodField()

    @extend_schema_field(NotesFile(many=True))
    def get_files(self, pack: NotesPack) -> Any:
        return files_of(pack)


class NewNotesPack(Of):
    """Who sends the papers, how private they are, the payment date of their investor report."""

    organisation = serializers.CharField(max_length=120)
    confidentiality = serializers.CharField(max_length=120)
    period = serializers.IntegerField(min_value=1, default=1)


class Pools(ApiView):
    tag = "notes"

    @operation("list_loan_pools", answer=PoolShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[LoanPool]:
        """Lists pools of loans, the latest first."""
        require_view(request.user)
        return visible_pools(request.user).select_related("made_by")

    @operation("make_loan_pool", scope=Scope.WRITE, body=NewPool, answer=PoolShown, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> LoanPool:
        """Makes a pool of the senior debt of financings."""
        return make_pool(by=request.user, **data)


class PoolDetail(ApiView):
    tag = "notes"

    @operation("read_loan_pool", answer=PoolShown)
    def get(self, request: Caller, code: UUID) -> LoanPool:
        """Reads a pool with its loans."""
        return get_pool(request.user, code)


class Structures(ApiView):
    tag = "notes"

    @operation("list_structures", answer=StructureShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[NoteStructure]:
        """Lists structures of notes, the latest first."""
        require_view(request.user)
        return visible_structures(request.user).select_related("owner")

    @operation("make_structure", scope=Scope.WRITE, body=NewStructure, answer=StructureShown, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> NoteStructure:
        """Makes a structure on a pool."""
        require_prepare(request.user)
        return make_structure(by=request.user, **{**data, "pool": get_pool(request.user, data["pool"])})


class StructureDetail(ApiView):
    tag = "notes"

    @operation("read_structure", answer=StructureShown)
    def get(self, request: Caller, code: UUID) -> NoteStructure:
        """Reads a structure with its last version."""
        return get_structure(request.user, code)


class StructureVersions(ApiView):
    tag = "notes"
    root = "content"

    @operation("list_structure_versions", answer=StructureVersionShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[StructureVersion]:
        """Lists the versions of a structure, the last first."""
        return versions_of(get_structure(request.user, code))

    @operation("change_structure", scope=Scope.WRITE, body=NewVersion, answer=StructureVersionShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> StructureVersion:
        """Adds a version; refused where somebody added one since the version it is based on."""
        return change_structure(by=request.user, structure=get_structure(request.user, code), **data)


class StructureSize(ApiView):
    tag = "notes"

    @operation(
        "solve_size",
        scope=Scope.RUN,
        body=SizeAsked,
        answer=SizeShown,
        example={"class_code": "A", "equity_yield_rate": 0.12},
    )
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> dict[str, Any]:
        """Solves the largest balance of a class of the last version; nothing is kept."""
        return solve_size(engine_deal(latest_version(get_structure(request.user, code))), data).to_dict()


class StructureSeries(ApiView):
    tag = "notes"

    @operation("tap_structure", scope=Scope.WRITE, body=NewSeries, answer=StructureVersionShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> StructureVersion:
        """Issues a further series; refused where a class that stands would be rated or covered worse."""
        found = get_structure(request.user, code)
        further, note, based_on = (data.pop(name) for name in ("further", "note", "based_on"))
        data["code"] = data.pop("series")
        pool = get_pool(request.user, further) if further else None
        return tap_structure(by=request.user, structure=found, terms=data, further=pool, note=note, based_on=based_on)


class StructureRuns(ApiView):
    tag = "notes"

    @operation("list_notes_runs", answer=NotesRunShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[NotesRun]:
        """Lists the runs of a structure, the latest first."""
        return runs_of(get_structure(request.user, code))

    @operation(
        "run_structure", scope=Scope.RUN, body=NewNotesRun, answer=NotesRunShown, status=201, example=RUN_EXAMPLE
    )
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> NotesRun:
        """Runs the last version of a structure; a worker does it."""
        version = latest_version(get_structure(request.user, code))
        return request_notes_run(by=request.user, version=version, terms=data)


class StructuresRuns(ApiView):
    tag = "notes"

    @operation("run_structures", scope=Scope.RUN, body=NewNotesRuns, answer=NotesRunsShown, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> dict[str, Any]:
        """Runs versions of structures at once: every one, or none where one is refused."""
        require_prepare(request.user)
        versions = versions_of_codes(request.user, [str(code) for code in data.pop("versions")])
        return {"runs": request_notes_runs(by=request.user, versions=versions, terms=data)}


class NotesRunDetail(ApiView):
    tag = "notes"

    @operation("read_notes_run", answer=NotesRunShown)
    def get(self, request: Caller, code: UUID) -> NotesRun:
        """Reads a run; its progress is that of the job of the same code."""
        return get_run(request.user, code)


class NotesRunHedges(ApiView):
    tag = "notes"

    @operation("value_hedges", query=HedgesAsked, answer=HedgesShown)
    def get(self, request: Caller, code: UUID, query: dict[str, Any]) -> ValuedHedges:
        """Values the issuer's swaps of a finished run on a day under a market set; nothing is kept."""
        found = get_run(request.user, code)
        if found.state != JobState.DONE:
            raise NotFound("The run has no result yet.")
        return valued_on(request.user, found, query["on"], query["market_set"])


class NotesPacks(ApiView):
    tag = "notes"

    @operation("list_notes_packs", answer=NotesPackShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[NotesPack]:
        """Lists the packs of a run's papers, the latest first."""
        return packs_of(get_run(request.user, code)).select_related("run")

    @operation("make_notes_pack", scope=Scope.RUN, body=NewNotesPack, answer=NotesPackShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> NotesPack:
        """Asks for the papers of a run, as drafts; a worker makes them."""
        return request_notes_pack(by=request.user, run=get_run(request.user, code), **data)


class NotesPackDetail(ApiView):
    tag = "notes"

    @operation("read_notes_pack", answer=NotesPackShown)
    def get(self, request: Caller, code: UUID) -> NotesPack:
        """Reads a pack with its files."""
        return get_notes_pack(request.user, code)


class NotesPackIssue(ApiView):
    tag = "notes"
    current = NotesPackDetail

    @operation("issue_notes_pack", scope=Scope.ISSUE, answer=NotesPackShown)
    def post(self, request: Caller, code: UUID) -> NotesPack:
        """Issues a pack: it gets its number, its papers are made for good."""
        return issue_notes_pack(by=request.user, pack=get_notes_pack(request.user, code))


class NotesPackWithdraw(ApiView):
    tag = "notes"
    current = NotesPackDetail

    @operation("withdraw_notes_pack", scope=Scope.ISSUE, answer=NotesPackShown)
    def post(self, request: Caller, code: UUID) -> NotesPack:
        """Withdraws a draft, or an issue that cannot be brought to its end."""
        withdrawn = withdraw_pack(by=request.user, pack=get_notes_pack(request.user, code))
        return get_notes_pack(request.user, withdrawn.code)


class NotesPackLinks(ApiView):
    tag = "notes"

    @operation("list_notes_pack_links", answer=LinkShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Any]:
        """Lists the links to a pack of notes. For those who issue them."""
        return links_of(request.user, get_notes_pack(request.user, code))

    @operation("make_notes_pack_link", scope=Scope.ISSUE, body=NewLink, answer=LinkShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> SharedPackLink:
        """Makes a link to an issued pack of notes; it is taken back as that to any pack."""
        return make_link(by=request.user, pack=get_notes_pack(request.user, code), **data)


class NotesPackArchive(ApiView):
    tag = "notes"

    @operation("download_notes_pack", file="application/zip")
    def get(self, request: Caller, code: UUID) -> HttpResponse:
        """Takes the papers away as one ZIP with their manifest."""
        return send_archive(get_notes_pack(request.user, code))
