"""Reconciliation: files in, runs, breaks and who deals with them, reports, what is set up, who did what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import AuditEntry, Scope, User
from accounts.policies import table
from api.operations import ApiView, Caller, UploadView, operation
from api.v1.accounts import AuditQuery, Entry
from api.v1.jobs import JobShown
from api.v1.records import version_views
from api.v1.shared import Found, Of, Person, code_of
from engine.reconciliation.verdicts import Verdict
from lib.errors import NotFound
from lib.storage import content_of
from lib.verbs import refuse
from reconciliation import queries
from reconciliation.access import APPROVE, DELIVER, GOVERN, LOAD, get, require_may, require_see
from reconciliation.fetching import fetch_now
from reconciliation.models import (
    NAME_LENGTH,
    Break,
    BreakPack,
    BreakState,
    Channel,
    ChannelKind,
    Choice,
    Comment,
    Decision,
    Definition,
    Delivered,
    DeliveryTry,
    Encryption,
    ExportFormat,
    Fetch,
    FileState,
    Format,
    MappingTemplate,
    MatchGroup,
    ReceivedFile,
    Recipient,
    ReconciliationRun,
    ReconciliationTerms,
    Role,
    ScheduledDelivery,
    Source,
    Way,
    What,
)
from reconciliation.services.decide_records import decide_records, take_back
from reconciliation.services.define_reconciliation import define_reconciliation
from reconciliation.services.receive_file import receive_file
from reconciliation.services.request_break_pack import request_break_pack, take_break_pack
from reconciliation.services.request_run import request_run
from reconciliation.services.save_channel import end_channel, save_channel, try_channel
from reconciliation.services.save_delivery import end_delivery, save_delivery, send_now
from reconciliation.services.save_recipient import end_recipient, save_recipient
from reconciliation.services.save_source import save_source
from reconciliation.services.work_on_breaks import (
    LONGEST_COMMENT,
    LONGEST_RESOLUTION,
    assign_breaks,
    comment_break,
    decide_resolution,
    resolve_breaks,
)
from reconciliation.views.packs import ZIP, sent_pack
from reconciliation.views.runs import KINDS, sent_file

MAPPING_VERSIONS = version_views(MappingTemplate, "mapping")
TERMS_VERSIONS = version_views(ReconciliationTerms, "terms_version")
MOST_BREAKS, MOST_RECORDS = 500, 200
# By urgency, time or size; what is equal in it follows by urgency.
SORTS = ("-score", "opened_at", "-opened_at", "resolve_by", "-resolve_by", "amount", "-amount")
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")


class SourceFields(Of):
    """Who sends files of one kind, how they are read, how large they may be and when they are due."""

    name = serializers.CharField(max_length=NAME_LENGTH)
    party = serializers.CharField(allow_blank=True, default="", max_length=40, help_text="The counterparty's code.")
    role = serializers.ChoiceField(Role.choices)
    format = serializers.ChoiceField(Format.choices)
    book = serializers.CharField(
        allow_blank=True, default="", max_length=12, help_text="Of what is read by mapping; else the format says it."
    )
    mapping_family = serializers.CharField(allow_blank=True, default="", max_length=60)
    most_megabytes = serializers.IntegerField(default=50, min_value=1, max_value=200)
    most_ratio = serializers.IntegerField(
        default=100, min_value=1, max_value=1_000, help_text="Unpacked at most, times its size."
    )
    due_at = serializers.TimeField(allow_null=True, default=None, help_text="When its file of a business day is due.")
    folder = serializers.CharField(allow_blank=True, default="", max_length=60)
    is_active = serializers.BooleanField(default=True)


class SourceShown(SourceFields):
    """A source as it is set up."""

    code = serializers.UUIDField()
    created_at = serializers.DateTimeField()


class ChannelFields(Of):
    """Where a source's files are fetched from; the secret is a file of the operator named `user@host`."""

    kind = serializers.ChoiceField(ChannelKind.choices)
    address = serializers.CharField(
        allow_blank=True,
        default="",
        max_length=255,
        help_text="SFTP: host or host:port. S3: empty for Amazon, or https://host.",
    )
    user = serializers.CharField(max_length=128, help_text="User name, or access key.")
    host_key = serializers.CharField(
        allow_blank=True, default="", max_length=60, help_text="SFTP: fingerprint of the server's key, SHA256:..."
    )
    region = serializers.CharField(allow_blank=True, default="", max_length=40, help_text="S3.")
    bucket = serializers.CharField(allow_blank=True, default="", max_length=63, help_text="S3.")
    folder = serializers.CharField(allow_blank=True, default="", max_length=255)
    pattern = serializers.CharField(default="*", max_length=100, help_text="Names that are fetched.")
    done_folder = serializers.CharField(
        allow_blank=True, default="", max_length=255, help_text="Where fetched files are moved to; empty to leave them."
    )
    every_minutes = serializers.IntegerField(default=60, min_value=5, max_value=1_440)
    is_active = serializers.BooleanField(default=True)


class ChannelShown(ChannelFields):
    """A channel as it is set up."""

    next_at = serializers.DateTimeField()
    failed_count = serializers.IntegerField(help_text="Failures in a row.")


class LeftFile(Of):
    name = serializers.CharField()
    why = serializers.CharField()


class FetchShown(Of):
    """One look at a channel's place."""

    is_trial = serializers.BooleanField()
    at = serializers.DateTimeField()
    found_count = serializers.IntegerField()
    taken_count = serializers.IntegerField()
    refused_count = serializers.IntegerField()
    left = LeftFile(many=True)
    error = serializers.CharField()


class FileLine(Of):
    """A file that came, and what became of it."""

    code = serializers.UUIDField()
    source = code_of("source")  # type: ignore[assignment]  # a field's name
    name = serializers.CharField()
    sha256 = serializers.CharField()
    size_bytes = serializers.IntegerField()
    channel = serializers.CharField()
    business_date = serializers.DateField()
    state = serializers.ChoiceField(FileState.choices)
    record_count = serializers.IntegerField()
    refused_count = serializers.IntegerField()
    received_by = Person(allow_null=True)
    received_at = serializers.DateTimeField()


class FileRead(FileLine):
    """A file with what is wrong in it, and what is worth a look; nothing of a refused one enters a run."""

    mapping = serializers.UUIDField(source="mapping.code", allow_null=True, default=None)
    problems = Found(many=True)
    notes = Found(many=True)
    balances = serializers.DictField(help_text="Of a statement, opening and closing by currency.")


class FileQuery(Of):
    state = serializers.ChoiceField(FileState.choices, required=False)
    source = serializers.UUIDField(required=False)  # type: ignore[assignment]  # a field's name
    business_date = serializers.DateField(required=False)


class NewFiles(Of):
    """A file or a ZIP of several, its business day (today), and the balances of a cash statement where it has them."""

    file = serializers.FileField(allow_empty_file=True)
    business_date = serializers.DateField(required=False)
    balances = serializers.FileField(required=False, help_text="CSV: currency, opening, closing.")


class FilesRead(Of):
    """Every file in what was sent; those that came before are the same files."""

    files = FileRead(many=True)


class DefinitionShown(Of):
    """What is compared with what."""

    code = serializers.UUIDField()
    name = serializers.CharField()
    what = serializers.ChoiceField(What.choices)
    sources = serializers.SerializerMethodField()
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_sources(self, definition: Definition) -> list[str]:
        return [str(source.code) for source in definition.sources.all()]


class NewDefinition(Of):
    name = serializers.CharField(max_length=NAME_LENGTH)
    what = serializers.ChoiceField(What.choices)
    sources = serializers.ListField(child=serializers.UUIDField(), max_length=50, allow_empty=False)


class ReconciliationRunShown(JobShown):
    """One comparison of a business day; its counts stand in `summary` when it is done."""

    definition = code_of("definition")
    business_date = serializers.DateField()
    terms = code_of("terms")
    engine_version = serializers.CharField()
    summary = serializers.DictField(help_text="Verdicts and breaks by count; empty until it is done.")


class ReconciliationRunQuery(Of):
    definition = serializers.UUIDField(required=False)
    business_date = serializers.DateField(required=False)


class NewReconciliationRun(Of):
    definition = serializers.UUIDField()
    business_date = serializers.DateField()


class GroupShown(Of):
    """Records that belong together, and what is said of them."""

    number = serializers.IntegerField()
    verdict = serializers.CharField()
    break_types = serializers.CharField()
    severity = serializers.CharField()
    score = serializers.IntegerField(allow_null=True)
    amount = serializers.DecimalField(max_digits=32, decimal_places=6)
    currency = serializers.CharField()
    product = serializers.CharField()
    counterparty = serializers.CharField()
    paired_by = serializers.CharField()
    cause = serializers.CharField()
    note = serializers.CharField()
    detail = serializers.DictField(help_text="References and differences; of several books every value.")


class GroupQuery(Of):
    verdict = serializers.ChoiceField([str(each) for each in Verdict], required=False)


class RecordsDecided(Of):
    """A person's word on records; it holds in every later run until it is taken back."""

    code = serializers.UUIDField()
    definition = code_of("definition")
    choice = serializers.ChoiceField(Choice.choices)
    internal = serializers.ListField(child=serializers.CharField())
    external = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField()
    by = Person()
    at = serializers.DateTimeField()
    is_taken_back = serializers.BooleanField()


class NewDecision(Of):
    """Records by the references they have in every file."""

    choice = serializers.ChoiceField(Choice.choices)
    internal = serializers.ListField(child=serializers.CharField(max_length=120), max_length=MOST_RECORDS, default=list)
    external = serializers.ListField(child=serializers.CharField(max_length=120), max_length=MOST_RECORDS, default=list)
    reason = serializers.CharField(max_length=500)


class BreakShown(Of):
    """What two books do not agree on, from the first run that found it until it is settled."""

    code = serializers.UUIDField()
    definition = code_of("definition")
    type = serializers.CharField()
    severity = serializers.CharField()
    score = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=32, decimal_places=6)
    currency = serializers.CharField()
    product = serializers.CharField()
    counterparty = serializers.CharField()
    reference = serializers.CharField()
    cause = serializers.CharField()
    cluster = serializers.CharField(help_text="Breaks that look alike have the same.")
    team = serializers.CharField()
    owner = Person(allow_null=True)
    state = serializers.ChoiceField(BreakState.choices)
    opened_at = serializers.DateTimeField()
    answer_by = serializers.DateTimeField()
    resolve_by = serializers.DateTimeField()
    escalated_at = serializers.DateTimeField(allow_null=True)
    resolution = serializers.CharField()
    proposed_by = Person(allow_null=True)
    settled_by = Person(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)


class BreakRead(BreakShown):
    """A break with the group of the run that found it last, and its differences."""

    run = serializers.UUIDField(source="group.run.code", allow_null=True, default=None)
    group_number = serializers.IntegerField(source="group.number", allow_null=True, default=None)
    detail = serializers.DictField(source="group.detail", default=dict)


class BreakQuery(Of):
    """Unsettled ones where no state is asked for."""

    state = serializers.ChoiceField(BreakState.choices, required=False)
    severity = serializers.ChoiceField(SEVERITIES, required=False)
    team = serializers.CharField(required=False, max_length=20)
    counterparty = serializers.CharField(required=False, max_length=120)
    product = serializers.CharField(required=False, max_length=40)
    cluster = serializers.CharField(required=False, max_length=64)
    type = serializers.CharField(required=False, max_length=120)
    definition = serializers.UUIDField(required=False)
    owner = serializers.CharField(required=False, max_length=254, help_text="An e-mail address, or nobody.")
    q = serializers.CharField(required=False, max_length=100, help_text="A piece of the reference or the cause.")
    sort = serializers.ChoiceField(SORTS, default="-score", help_text="With a minus from the highest.")


class ChosenBreaks(Of):
    """Breaks by their codes, or all open ones of a cluster."""

    breaks = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_BREAKS, required=False)
    cluster = serializers.CharField(max_length=64, required=False)


class BreaksAssigned(ChosenBreaks):
    owner = serializers.EmailField(allow_null=True, help_text="Null for nobody.")


class BreaksResolved(ChosenBreaks):
    reason = serializers.CharField(max_length=LONGEST_RESOLUTION)


class BreaksShown(Of):
    """The breaks as they are now; those that were settled before are left out."""

    breaks = BreakShown(many=True)


class CommentShown(Of):
    """What somebody said of a break; never changed."""

    by = Person()
    text = serializers.CharField()
    at = serializers.DateTimeField()


class NewComment(Of):
    text = serializers.CharField(max_length=LONGEST_COMMENT)


class Cluster(Of):
    cluster = serializers.CharField()
    count = serializers.IntegerField()
    type = serializers.CharField()
    product = serializers.CharField()
    counterparty = serializers.CharField()
    cause = serializers.CharField()


class Clusters(Of):
    """Open breaks that look alike, the largest cluster first."""

    clusters = Cluster(many=True)


class ExportQuery(Of):
    kind = serializers.ChoiceField(KINDS, default="csv")


class PackFilters(Of):
    """A view of the queue; unsettled breaks where no state is asked for."""

    state = serializers.ChoiceField(BreakState.choices, required=False)
    severity = serializers.ChoiceField(SEVERITIES, required=False)
    team = serializers.CharField(required=False, max_length=20)
    counterparty = serializers.CharField(required=False, max_length=120)
    product = serializers.CharField(required=False, max_length=40)
    cluster = serializers.CharField(required=False, max_length=64)
    type = serializers.CharField(required=False, max_length=120)
    definition = serializers.UUIDField(required=False)
    owner = serializers.CharField(required=False, max_length=254)
    q = serializers.CharField(required=False, max_length=100)


class NewBreakPack(Of):
    """Breaks by their codes, or a view of the queue; the format of their list."""

    breaks = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_BREAKS, required=False)
    filters = PackFilters(required=False)
    format = serializers.ChoiceField(ExportFormat.choices, default=ExportFormat.CSV)
    with_files = serializers.BooleanField(default=True, help_text="With the files that were received.")
    recipient = serializers.UUIDField(
        required=False, help_text="For whom it is locked; by nothing where it is not said."
    )


class NewRecipient(Of):
    """Whom files are locked for."""

    name = serializers.CharField(max_length=NAME_LENGTH)
    method = serializers.ChoiceField(Encryption.choices)
    secret = serializers.CharField(
        max_length=200_000, write_only=True, help_text="ZIP: a passphrase. PGP: their public key, as text."
    )


class RecipientShown(Of):
    """Whom files are locked for; what locks them is never shown."""

    code = serializers.UUIDField()
    name = serializers.CharField()
    method = serializers.ChoiceField(Encryption.choices)
    fingerprint = serializers.CharField(help_text="Of a public key.")
    expires_at = serializers.DateTimeField(allow_null=True)
    is_active = serializers.BooleanField()


class ScheduledDeliveryFields(Of):
    """What leaves the house by itself on each business day."""

    name = serializers.CharField(max_length=NAME_LENGTH)
    what = serializers.ChoiceField(Delivered.choices)
    definition = serializers.UUIDField(
        allow_null=True, default=None, help_text="Whose last run is delivered, or whose breaks; null for all breaks."
    )
    filters = PackFilters(default=dict)
    format = serializers.ChoiceField(ExportFormat.choices, default=ExportFormat.CSV)
    recipient = serializers.UUIDField(allow_null=True, default=None, help_text="For whom it is locked.")
    at = serializers.TimeField()
    way = serializers.ChoiceField(Way.choices)
    channel_of = serializers.UUIDField(allow_null=True, default=None, help_text="The source whose channel it goes to.")
    folder = serializers.CharField(allow_blank=True, default="", max_length=255)
    people = serializers.ListField(child=serializers.EmailField(), max_length=50, default=list)


class ScheduledDeliveryShown(Of):
    """A delivery as it is set up."""

    code = serializers.UUIDField()
    name = serializers.CharField()
    what = serializers.ChoiceField(Delivered.choices)
    definition = serializers.UUIDField(source="definition.code", allow_null=True, default=None)
    filters = serializers.DictField()
    format = serializers.ChoiceField(ExportFormat.choices)
    recipient = serializers.UUIDField(source="recipient.code", allow_null=True, default=None)
    at = serializers.CharField(help_text="HH:MM:SS, in the time zone of the platform.")
    way = serializers.ChoiceField(Way.choices)
    channel_of = serializers.UUIDField(source="channel.source.code", allow_null=True, default=None)
    folder = serializers.CharField()
    is_active = serializers.BooleanField()
    next_at = serializers.DateTimeField()
    failed_count = serializers.IntegerField(help_text="Failures in a row.")


class DeliveryTryShown(JobShown):
    """One try to deliver; `error` says why it could not be."""

    number = serializers.IntegerField()
    name = serializers.CharField()
    sha256 = serializers.CharField()
    size_bytes = serializers.IntegerField()


class BreakPackShown(JobShown):
    """Breaks with everything behind them as one archive; its parts stand in `summary` when it is done."""

    breaks = serializers.ListField(child=serializers.UUIDField())
    format = serializers.ChoiceField(ExportFormat.choices)
    with_files = serializers.BooleanField()
    name = serializers.CharField()
    sha256 = serializers.CharField(help_text="Empty until it is done.")
    size_bytes = serializers.IntegerField()
    summary = serializers.DictField()


class Age(Of):
    age = serializers.CharField()
    by_severity = serializers.DictField(child=serializers.IntegerField())
    total = serializers.IntegerField()


class AgesShown(Of):
    """Unsettled breaks by age."""

    ages = Age(many=True)


class MatchRate(Of):
    week = serializers.DateField(help_text="Its Monday.")
    counterparty = serializers.CharField()
    matched = serializers.IntegerField()
    total = serializers.IntegerField()
    ratio = serializers.FloatField()


class InTime(Of):
    counterparty = serializers.CharField()
    count = serializers.IntegerField()
    in_time = serializers.IntegerField()


class RatesShown(Of):
    """How much of each counterparty's records matched by week, and how many settled breaks kept to their hours."""

    match_rates = MatchRate(many=True)
    settled = InTime(many=True)


class Statement(Of):
    source = code_of("source")  # type: ignore[assignment]  # a field's name
    state = serializers.ChoiceField(("received", "waiting", "late"))


class StatementsShown(Of):
    """Of a day each source that has a time, and whether its file came."""

    business_date = serializers.DateField()
    statements = Statement(many=True)


class StatementQuery(Of):
    business_date = serializers.DateField(required=False)


class ResolutionDecided(Of):
    comment = serializers.CharField(allow_blank=True, default="", max_length=LONGEST_COMMENT)


class Right(Of):
    action = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())


class RightsShown(Of):
    """What each role may do in reconciliation."""

    rights = Right(many=True)


BREAKS = Break.objects.select_related("definition", "owner", "proposed_by", "settled_by")
RUNS = ReconciliationRun.objects.select_related("definition", "terms", "requested_by")
DELIVERIES = ScheduledDelivery.objects.select_related("definition", "recipient", "channel__source", "saved_by")
PACKS = BreakPack.objects.select_related("requested_by")
FILES = ReceivedFile.objects.select_related("source", "mapping", "received_by")
DECISIONS = Decision.objects.select_related("definition", "by")


def _run(request: Caller, code: UUID) -> ReconciliationRun:
    return get(request.user, RUNS.all(), code)


def _channel(request: Caller, code: UUID) -> Channel:
    source = get(request.user, Source.objects.all(), code)
    found = Channel.objects.select_related("source").filter(source=source).first()
    if found is None:
        raise NotFound("This source has no channel.")
    return found


def _break(request: Caller, code: UUID) -> Break:
    return get(request.user, BREAKS.select_related("group__run"), code)


def _chosen(data: dict[str, Any]) -> list[Break]:
    """The breaks named; Invalid unless they are named in one way, and all there."""
    codes, cluster = set(data.pop("breaks", [])), data.pop("cluster", "")
    if bool(codes) == bool(cluster):
        raise refuse("breaks", "breaks", "Breaks: name them by their codes, or by a cluster.")
    if cluster:
        return list(BREAKS.filter(cluster=cluster, state=BreakState.OPEN))
    found = list(BREAKS.filter(code__in=codes))
    if len(found) < len(codes):
        raise refuse("no_such_break", "breaks", f"Breaks: {len(codes) - len(found)} of these codes are no break's.")
    return found


class Sources(ApiView):
    tag = "ingestion"

    @operation("list_sources", answer=SourceShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[Source]:
        """Lists who sends files."""
        require_see(request.user)
        return Source.objects.all()

    @operation("make_source", scope=Scope.WRITE, body=SourceFields, answer=SourceShown, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> Source:
        """Sets a source up."""
        return save_source(by=request.user, source=Source(**data))


class SourceDetail(ApiView):
    tag = "ingestion"

    @operation("read_source", answer=SourceShown)
    def get(self, request: Caller, code: UUID) -> Source:
        """Reads a source."""
        return get(request.user, Source.objects.all(), code)

    @operation("change_source", scope=Scope.WRITE, body=SourceFields, answer=SourceShown)
    def put(self, request: Caller, code: UUID, data: dict[str, Any]) -> Source:
        """Changes a source: what is left out stands at its default."""
        source = get(request.user, Source.objects.all(), code)
        for name, value in data.items():
            setattr(source, name, value)
        return save_source(by=request.user, source=source)


class SourceChannel(ApiView):
    tag = "ingestion"

    @operation("read_channel", answer=ChannelShown)
    def get(self, request: Caller, code: UUID) -> Channel:
        """Reads where a source's files are fetched from."""
        return _channel(request, code)

    @operation("set_channel", scope=Scope.WRITE, body=ChannelFields, answer=ChannelShown)
    def put(self, request: Caller, code: UUID, data: dict[str, Any]) -> Channel:
        """Sets up or changes where a source's files are fetched from; it is looked at soon."""
        source = get(request.user, Source.objects.all(), code)
        channel = Channel.objects.filter(source=source).first() or Channel(source=source)
        for name, value in data.items():
            setattr(channel, name, value)
        return save_channel(by=request.user, channel=channel)

    @operation("end_channel", scope=Scope.WRITE, status=204)
    def delete(self, request: Caller, code: UUID) -> None:
        """Ends a channel; what was fetched stays."""
        end_channel(by=request.user, channel=_channel(request, code))


class ChannelFetches(ApiView):
    tag = "ingestion"

    @operation("list_fetches", answer=FetchShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Fetch]:
        """Lists the last looks at a channel's place, trials among them."""
        return _channel(request, code).fetches.all()

    @operation("fetch_channel", scope=Scope.RUN, status=202, answer=ChannelShown)
    def post(self, request: Caller, code: UUID) -> Channel:
        """Has a worker fetch now; list_fetches says what came of it."""
        channel = _channel(request, code)
        fetch_now(by=request.user, channel=channel)
        return channel


class ChannelTry(ApiView):
    tag = "ingestion"

    @operation("try_channel", scope=Scope.WRITE, answer=FetchShown, whole=False)
    def post(self, request: Caller, code: UUID) -> Fetch:
        """Tries a connection: how many files lie there, or why there is none. Nothing is taken."""
        return try_channel(by=request.user, channel=_channel(request, code))


class SourceFiles(UploadView):
    tag = "ingestion"

    @operation("send_file", scope=Scope.WRITE, body=NewFiles, answer=FilesRead, status=201, whole=False)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> dict[str, Any]:
        """Takes a file in: read, partly read or refused, and kept in either case."""
        source, file, balances = get(request.user, Source.objects.all(), code), data["file"], data.get("balances")
        require_may(request.user, LOAD)
        rows = receive_file(
            by=request.user,
            source=source,
            name=file.name,
            content=file.read(),
            business_date=data.get("business_date") or timezone.localdate(),
            channel="api",
            balances=balances.read() if balances else None,
        )
        return {"files": rows}


class Files(ApiView):
    tag = "ingestion"

    @operation("list_received_files", query=FileQuery, answer=FileLine, pages="pk")
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[ReceivedFile]:
        """Lists what came, the latest first."""
        require_see(request.user)
        chosen = {name: query[name] for name in ("state", "business_date") if query.get(name)}
        found = FILES.filter(**chosen)
        return found.filter(source__code=query["source"]) if query.get("source") else found


class FileDetail(ApiView):
    tag = "ingestion"

    @operation("read_received_file", answer=FileRead)
    def get(self, request: Caller, code: UUID) -> ReceivedFile:
        """Reads what became of a file, with place and code of whatever was refused."""
        return get(request.user, FILES.all(), code)


class FileContent(ApiView):
    tag = "ingestion"

    @operation("download_received_file", file="application/octet-stream")
    def get(self, request: Caller, code: UUID) -> HttpResponse:
        """Takes a file away, byte by byte as it came."""
        row = get(request.user, FILES.all(), code)
        told = {"Content-Disposition": f'attachment; filename="{row.sha256[:12]}"'}
        return HttpResponse(content_of(row.sha256), content_type="application/octet-stream", headers=told)


class Runs(ApiView):
    tag = "reconciliation"

    @operation("list_reconciliation_runs", query=ReconciliationRunQuery, answer=ReconciliationRunShown, pages="pk")
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[ReconciliationRun]:
        """Lists runs, the latest first."""
        require_see(request.user)
        found = RUNS.filter(definition__code=query["definition"]) if query.get("definition") else RUNS.all()
        return found.filter(business_date=query["business_date"]) if query.get("business_date") else found

    @operation(
        "run_reconciliation", scope=Scope.RUN, body=NewReconciliationRun, answer=ReconciliationRunShown, status=201
    )
    def post(self, request: Caller, data: dict[str, Any]) -> ReconciliationRun:
        """Compares what was received of a business day; a worker does it, and its job says how far it is."""
        definition = get(request.user, Definition.objects.all(), data["definition"])
        return request_run(by=request.user, definition=definition, business_date=data["business_date"])


class RunDetail(ApiView):
    tag = "reconciliation"

    @operation("read_reconciliation_run", answer=ReconciliationRunShown)
    def get(self, request: Caller, code: UUID) -> ReconciliationRun:
        """Reads a run; its progress is that of the job of the same code."""
        return _run(request, code)


class RunGroups(ApiView):
    tag = "reconciliation"

    @operation("list_groups", query=GroupQuery, answer=GroupShown, pages=("number",))
    def get(self, request: Caller, code: UUID, query: dict[str, Any]) -> QuerySet[MatchGroup]:
        """Lists what a run put together, by number."""
        found = _run(request, code).match_groups.all()
        return found.filter(verdict=query["verdict"]) if query.get("verdict") else found


class Decisions(ApiView):
    tag = "reconciliation"

    @operation("list_decisions", answer=RecordsDecided, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Decision]:
        """Lists what people decided of the records of a definition."""
        return DECISIONS.filter(definition=get(request.user, Definition.objects.all(), code))

    @operation("decide_records", scope=Scope.WRITE, body=NewDecision, answer=RecordsDecided, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Decision:
        """Matches records, splits them, or says they are no duplicates: for every later run."""
        return decide_records(by=request.user, definition=get(request.user, Definition.objects.all(), code), **data)


class DecisionTakenBack(ApiView):
    tag = "reconciliation"

    @operation("take_decision_back", scope=Scope.WRITE, answer=RecordsDecided)
    def post(self, request: Caller, code: UUID) -> Decision:
        """Takes a decision back: later runs go by the rules again."""
        return take_back(by=request.user, decision=get(request.user, DECISIONS.all(), code))


class Breaks(ApiView):
    tag = "exceptions"

    @operation("list_breaks", query=BreakQuery, answer=BreakShown, pages=("-score", "opened_at"))
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[Break]:
        """Lists breaks: filtered, sorted, in pages."""
        require_see(request.user)
        filters = {name: str(value) for name, value in query.items() if name not in {"sort", "limit", "cursor"}}
        return queries.queue(filters).select_related("proposed_by", "settled_by")


class BreakDetail(ApiView):
    tag = "exceptions"

    @operation("read_break", answer=BreakRead)
    def get(self, request: Caller, code: UUID) -> Break:
        """Reads a break with its differences."""
        return _break(request, code)


class BreakComments(ApiView):
    tag = "exceptions"

    @operation("list_comments", answer=CommentShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Comment]:
        """Lists what was said of a break, the latest first."""
        return _break(request, code).comments.select_related("by")

    @operation("comment_break", scope=Scope.WRITE, body=NewComment, answer=CommentShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Comment:
        """Says something of a break."""
        return comment_break(by=request.user, row=_break(request, code), text=data["text"])


class BreaksAssign(ApiView):
    tag = "exceptions"

    @operation("assign_breaks", scope=Scope.WRITE, body=BreaksAssigned, answer=BreaksShown)
    def post(self, request: Caller, data: dict[str, Any]) -> dict[str, Any]:
        """Gives breaks to somebody who works on them."""
        require_see(request.user)
        rows, owner = _chosen(data), data["owner"]
        to = User.objects.filter(email=owner).first() if owner else None
        if owner and to is None:
            raise refuse("owner", "owner", f"Owner: {owner} does not work on breaks.")
        return {"breaks": assign_breaks(by=request.user, breaks=rows, to=to)}


class BreaksResolve(ApiView):
    tag = "exceptions"

    @operation("resolve_breaks", scope=Scope.WRITE, body=BreaksResolved, answer=BreaksShown)
    def post(self, request: Caller, data: dict[str, Any]) -> dict[str, Any]:
        """Resolves breaks with a reason; those from a size on wait for a second person, `proposed`."""
        require_see(request.user)
        return {"breaks": resolve_breaks(by=request.user, breaks=_chosen(data), reason=data["reason"])}


class BreakClusters(ApiView):
    tag = "exceptions"

    @operation("list_clusters", answer=Clusters)
    def get(self, request: Caller) -> dict[str, Any]:
        """Lists breaks that look alike, to be resolved at once."""
        require_see(request.user)
        return {"clusters": queries.clusters()}


class RunExport(ApiView):
    tag = "reports"

    @operation("export_reconciliation", query=ExportQuery, file="*/*")
    def get(self, request: Caller, code: UUID, query: dict[str, Any]) -> HttpResponse:
        """Takes a run's groups away, or its extract for a regulator (which no repository has validated)."""
        return sent_file(_run(request, code), query["kind"])


class BreakPacks(ApiView):
    tag = "reports"

    @operation("list_break_packs", answer=BreakPackShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[BreakPack]:
        """Lists packs, the latest first."""
        require_see(request.user)
        return PACKS.all()

    @operation("pack_breaks", scope=Scope.RUN, body=NewBreakPack, answer=BreakPackShown, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> BreakPack:
        """Packs breaks with their lineage from byte to verdict; a worker does it."""
        require_see(request.user)
        asked = data.pop("breaks", None)
        filters = {name: str(value) for name, value in (data.pop("filters", None) or {}).items()}
        rows = list(Break.objects.filter(code__in=asked)) if asked is not None else []
        if asked is not None and not rows:
            raise NotFound("There is no such break.")
        if code := data.pop("recipient", None):
            data["recipient"] = get(request.user, Recipient.objects.all(), code)
        return request_break_pack(by=request.user, breaks=rows, filters={} if rows else filters, **data)


class BreakPackDetail(ApiView):
    tag = "reports"

    @operation("read_break_pack", answer=BreakPackShown)
    def get(self, request: Caller, code: UUID) -> BreakPack:
        """Reads a pack; its progress is that of the job of the same code."""
        return get(request.user, PACKS.all(), code)


class BreakPackContent(ApiView):
    tag = "reports"

    @operation("download_break_pack", file=ZIP)
    def get(self, request: Caller, code: UUID) -> HttpResponse:
        """Takes the archive of a pack away."""
        pack = get(request.user, PACKS.all(), code)
        return sent_pack(pack, take_break_pack(by=request.user, pack=pack))


class Ages(ApiView):
    tag = "reports"

    @operation("read_ages", answer=AgesShown)
    def get(self, request: Caller) -> dict[str, Any]:
        """Counts unsettled breaks by age and severity."""
        require_see(request.user)
        ages = [{"age": age, "by_severity": counts, "total": total} for age, counts, total in queries.ageing()]
        return {"ages": ages}


class Rates(ApiView):
    tag = "reports"

    @operation("read_match_rates", answer=RatesShown)
    def get(self, request: Caller) -> dict[str, Any]:
        """Says how much matched by counterparty and week, and what was settled in time."""
        require_see(request.user)
        return {"match_rates": queries.match_rates(), "settled": queries.kept_in_time()}


class Statements(ApiView):
    tag = "reports"

    @operation("read_statements", query=StatementQuery, answer=StatementsShown)
    def get(self, request: Caller, query: dict[str, Any]) -> dict[str, Any]:
        """Says which sources' files of a day came, are still to come, or are late."""
        require_see(request.user)
        day = query.get("business_date") or timezone.localdate()
        return {"business_date": day, "statements": queries.statements(day)}


class Definitions(ApiView):
    tag = "configuration"

    @operation("list_definitions", answer=DefinitionShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[Definition]:
        """Lists what is compared with what."""
        require_see(request.user)
        return Definition.objects.prefetch_related("sources")

    @operation("define_reconciliation", scope=Scope.WRITE, body=NewDefinition, answer=DefinitionShown, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> Definition:
        """Sets up what is compared with what."""
        require_see(request.user)
        sources = [get(request.user, Source.objects.all(), code) for code in dict.fromkeys(data["sources"])]
        return define_reconciliation(by=request.user, name=data["name"], what=data["what"], sources=sources)


class Recipients(ApiView):
    tag = "configuration"

    @operation("list_recipients", answer=RecipientShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[Recipient]:
        """Lists for whom files are locked."""
        require_see(request.user)
        return Recipient.objects.all()

    @operation("add_recipient", scope=Scope.WRITE, body=NewRecipient, answer=RecipientShown, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> Recipient:
        """Adds a recipient: a passphrase for ZIP with AES-256, or a public key for PGP."""
        return save_recipient(by=request.user, **data)


class RecipientDetail(ApiView):
    tag = "configuration"

    @operation("end_recipient", scope=Scope.WRITE, status=204)
    def delete(self, request: Caller, code: UUID) -> None:
        """Ends a recipient: nothing is locked for them any more."""
        end_recipient(by=request.user, recipient=get(request.user, Recipient.objects.all(), code))


class Deliveries(ApiView):
    tag = "configuration"

    @operation("list_scheduled_deliveries", answer=ScheduledDeliveryShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[ScheduledDelivery]:
        """Lists what leaves by itself."""
        require_may(request.user, DELIVER)
        return DELIVERIES.all()

    @operation(
        "add_scheduled_delivery",
        scope=Scope.WRITE,
        body=ScheduledDeliveryFields,
        answer=ScheduledDeliveryShown,
        status=201,
    )
    def post(self, request: Caller, data: dict[str, Any]) -> ScheduledDelivery:
        """Sets up what leaves, when, for whom it is locked, and by which way."""
        return _saved_delivery(request, ScheduledDelivery(), data)


class DeliveryDetail(ApiView):
    tag = "configuration"

    @operation("read_scheduled_delivery", answer=ScheduledDeliveryShown)
    def get(self, request: Caller, code: UUID) -> ScheduledDelivery:
        """Reads a delivery."""
        return _delivery(request, code)

    @operation(
        "change_scheduled_delivery", scope=Scope.WRITE, body=ScheduledDeliveryFields, answer=ScheduledDeliveryShown
    )
    def put(self, request: Caller, code: UUID, data: dict[str, Any]) -> ScheduledDelivery:
        """Changes a delivery, all of its fields."""
        return _saved_delivery(request, _delivery(request, code), data)

    @operation("end_scheduled_delivery", scope=Scope.WRITE, status=204)
    def delete(self, request: Caller, code: UUID) -> None:
        """Ends a delivery; its log stays."""
        end_delivery(by=request.user, delivery=_delivery(request, code))


class DeliveryTries(ApiView):
    tag = "configuration"

    @operation("list_delivery_tries", answer=DeliveryTryShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[DeliveryTry]:
        """Lists the tries of a delivery, the latest first."""
        return DeliveryTry.objects.filter(delivery=_delivery(request, code)).select_related("requested_by")

    @operation("send_scheduled_delivery", scope=Scope.RUN, answer=DeliveryTryShown, status=202)
    def post(self, request: Caller, code: UUID) -> DeliveryTry:
        """Sends it now; a worker does it."""
        return send_now(by=request.user, delivery=_delivery(request, code))


def _delivery(request: Caller, code: UUID) -> ScheduledDelivery:
    require_may(request.user, DELIVER)
    return get(request.user, DELIVERIES.all(), code)


def _saved_delivery(request: Caller, row: ScheduledDelivery, data: dict[str, Any]) -> ScheduledDelivery:
    require_may(request.user, DELIVER)
    definition, recipient, source = (data.pop(name) for name in ("definition", "recipient", "channel_of"))
    row.definition = get(request.user, Definition.objects.all(), definition) if definition else None
    row.recipient = get(request.user, Recipient.objects.all(), recipient) if recipient else None
    row.channel = _channel(request, source) if source else None
    asked = data.pop("people")
    people = list(User.objects.filter(email__in=asked))
    if missing := set(asked) - {each.email for each in people}:
        raise refuse("people", "people", f"People: nobody here has the address {', '.join(sorted(missing))}.")
    row.filters = {name: str(value) for name, value in data.pop("filters").items()}
    for name, value in data.items():
        setattr(row, name, value)
    return save_delivery(by=request.user, delivery=row, people=people)


class Resolutions(ApiView):
    tag = "governance"

    @operation("list_resolutions", answer=BreakShown, pages=("-score", "opened_at"))
    def get(self, request: Caller) -> QuerySet[Break]:
        """Lists resolutions that wait for a second person."""
        require_may(request.user, APPROVE)
        return BREAKS.filter(state=BreakState.PROPOSED)


class ResolutionApprove(ApiView):
    tag = "governance"
    current = BreakDetail

    @operation("approve_resolution", scope=Scope.ISSUE, body=ResolutionDecided, answer=BreakRead)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Break:
        """Approves the resolution of a break; who proposed it may not."""
        return decide_resolution(by=request.user, row=_break(request, code), approve=True, **data)


class ResolutionReject(ApiView):
    tag = "governance"
    current = BreakDetail

    @operation("reject_resolution", scope=Scope.ISSUE, body=ResolutionDecided, answer=BreakRead)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Break:
        """Sends a resolution back: its break is open again."""
        return decide_resolution(by=request.user, row=_break(request, code), approve=False, **data)


class Trail(ApiView):
    tag = "governance"

    @operation("read_trail", query=AuditQuery, answer=Entry, pages="sequence")
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[AuditEntry]:
        """Lists who did what in reconciliation, the latest first. For compliance and administrators."""
        require_may(request.user, GOVERN)
        found = queries.trail()
        found = found.filter(action=query["action"]) if query.get("action") else found
        return found.filter(target_code=query["target"]) if query.get("target") else found


class Rights(ApiView):
    tag = "governance"

    @operation("read_rights", answer=RightsShown)
    def get(self, request: Caller) -> dict[str, Any]:
        """Says which role may do what in reconciliation. For compliance and administrators."""
        require_may(request.user, GOVERN)
        found = [row for row in table() if row.action.startswith("reconciliation.")]
        return {"rights": [{"action": row.action, "roles": sorted(row.roles)} for row in found]}
