"""Ingestion: sources, their channels, files in and what became of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, UploadView, operation
from api.v1.reconciliation.shared import get_channel
from api.v1.shared import Found, Of, Person, code_of
from lib.storage import content_of
from reconciliation.access import LOAD, get, require_may, require_see
from reconciliation.fetching import fetch_now
from reconciliation.models import (
    NAME_LENGTH,
    Channel,
    ChannelKind,
    Fetch,
    FileState,
    Format,
    ReceivedFile,
    Role,
    Source,
)
from reconciliation.services.receive_file import receive_file
from reconciliation.services.save_channel import end_channel, save_channel, try_channel
from reconciliation.services.save_source import save_source


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


FILES = ReceivedFile.objects.select_related("source", "mapping", "received_by")


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
        return get_channel(request, code)

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
        end_channel(by=request.user, channel=get_channel(request, code))


class ChannelFetches(ApiView):
    tag = "ingestion"

    @operation("list_fetches", answer=FetchShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Fetch]:
        """Lists the last looks at a channel's place, trials among them."""
        return get_channel(request, code).fetches.all()

    @operation("fetch_channel", scope=Scope.RUN, status=202, answer=ChannelShown)
    def post(self, request: Caller, code: UUID) -> Channel:
        """Has a worker fetch now; list_fetches says what came of it."""
        channel = get_channel(request, code)
        fetch_now(by=request.user, channel=channel)
        return channel


class ChannelTry(ApiView):
    tag = "ingestion"

    @operation("try_channel", scope=Scope.WRITE, answer=FetchShown, whole=False)
    def post(self, request: Caller, code: UUID) -> Fetch:
        """Tries a connection: how many files lie there, or why there is none. Nothing is taken."""
        return try_channel(by=request.user, channel=get_channel(request, code))


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
