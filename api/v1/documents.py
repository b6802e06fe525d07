"""Packs: made, issued, taken away, sent by link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers

from accounts.models import Scope, User
from api.operations import ApiView, Caller, operation
from api.v1.files import XLSX
from api.v1.jobs import JobShown
from api.v1.shared import Of, Person, code_of
from documents.access import get_document, get_pack, visible_packs
from documents.models import DocumentState, Pack, PackBase, PackStatus, SharedPackLink
from documents.sending import send_archive, send_document, send_manifest
from documents.services.issue_pack import issue_pack
from documents.services.make_link import make_link
from documents.services.regenerate_document import regenerate_document
from documents.services.request_pack import request_pack
from documents.services.retry_pack import retry_pack
from documents.services.revoke_link import revoke_link
from documents.services.withdraw_pack import withdraw_pack
from documents.sharing import address_of, get_link, kind_of
from documents.views.files import there, whole
from documents.views.live_model import live_model_of
from financings.access import get_financing
from lib.signed_links import LONGEST_LINK_DAYS


class DocumentShown(Of):
    """One file of a pack."""

    code = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    filename = serializers.CharField()
    state = serializers.ChoiceField(DocumentState.choices)
    error = serializers.CharField()
    content_hash = serializers.CharField(help_text="SHA-256; empty until it is made.")
    size_bytes = serializers.IntegerField()


class PackLine(JobShown):
    """A pack in a list: its making is the job of the same code."""

    financing = code_of("financing")
    project = code_of("financing.project")
    status = serializers.ChoiceField(PackStatus.choices)
    number = serializers.CharField()
    close_date = serializers.DateField()
    organisation = serializers.CharField()
    confidentiality = serializers.CharField()
    issued_at = serializers.DateTimeField(allow_null=True)
    manifest_hash = serializers.CharField(help_text="SHA-256 of the manifest, from its issue on.")


class PackShown(PackLine):
    """The documents about one financing."""

    documents = DocumentShown(many=True, source="documents.all")


class PackQuery(Of):
    status = serializers.ChoiceField(PackStatus.choices, required=False)
    project = serializers.UUIDField(required=False)


class NewPack(Of):
    close_date = serializers.DateField()
    organisation = serializers.CharField(max_length=120)
    confidentiality = serializers.CharField(max_length=120)


class LinkShown(Of):
    """A way to an issued pack for somebody who does not sign in."""

    code = serializers.UUIDField()
    pack = code_of("pack")
    recipient = serializers.CharField()
    made_by = Person()
    made_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    opened_count = serializers.IntegerField()
    address = serializers.SerializerMethodField()

    def get_address(self, link: SharedPackLink) -> str:
        address: str = self.context["request"].build_absolute_uri(address_of(link))
        return address


class NewLink(Of):
    recipient = serializers.CharField(max_length=120)
    days = serializers.IntegerField(min_value=1, max_value=LONGEST_LINK_DAYS)


class Packs(ApiView):
    tag = "packs"

    @operation("list_packs", query=PackQuery, answer=PackLine, pages="pk")
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[Pack]:
        """Lists packs, the latest first; to a sponsor those that were issued."""
        names = {"status": "status", "project": "financing__project__code"}
        chosen = {column: query[name] for name, column in names.items() if query.get(name)}
        return visible_packs(request.user).filter(**chosen)


class FinancingPacks(ApiView):
    tag = "packs"

    @operation("make_pack", scope=Scope.RUN, body=NewPack, answer=PackShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Pack:
        """Asks for the documents of a financing, as drafts; a worker makes them."""
        return request_pack(by=request.user, financing=get_financing(request.user, code), **data)


class PackDetail(ApiView):
    tag = "packs"

    @operation("read_pack", answer=PackShown)
    def get(self, request: Caller, code: UUID) -> Pack:
        """Reads a pack with its documents."""
        return get_pack(request.user, code)


def step(name: str, scope: str, verb: Callable[..., Pack], sentence: str) -> type[ApiView]:
    """The view of one verb that takes a pack and nothing else."""

    def post(self: ApiView, request: Caller, code: UUID) -> Pack:
        done = verb(by=request.user, pack=get_pack(request.user, code))
        return get_pack(request.user, done.code)

    post.__doc__ = sentence
    made = operation(name, scope=scope, answer=PackShown)(post)
    return type(name, (ApiView,), {"post": made, "tag": "packs", "current": PackDetail})


PackIssue = step(
    "issue_pack", Scope.ISSUE, issue_pack, "Issues a pack: it gets its number, its documents are made for good."
)
PackWithdraw = step("withdraw_pack", Scope.ISSUE, withdraw_pack, "Withdraws a draft.")
PackRetry = step("retry_pack", Scope.RUN, retry_pack, "Makes again what failed.")


class PackArchive(ApiView):
    tag = "packs"

    @operation("download_pack", file="application/zip")
    def get(self, request: Caller, code: UUID) -> HttpResponse:
        """Takes a whole pack away as one ZIP."""
        return send_archive(whole(get_pack(request.user, code)))


class PackManifest(ApiView):
    tag = "packs"

    @operation("download_manifest", file="application/json")
    def get(self, request: Caller, code: UUID) -> HttpResponse:
        """Takes the manifest away: every file with its SHA-256, and what the figures come from."""
        return send_manifest(whole(get_pack(request.user, code)))


class DocumentFile(ApiView):
    tag = "packs"

    @operation("download_document", file="*/*")
    def get(self, request: Caller, code: UUID) -> HttpResponse:
        """Takes one document away."""
        return send_document(there(get_document(request.user, code)))


class DocumentAgain(ApiView):
    tag = "packs"

    @operation("regenerate_document", scope=Scope.RUN, answer=PackShown)
    def post(self, request: Caller, code: UUID) -> Pack:
        """Makes one document again, with the template in use now."""
        return regenerate_document(by=request.user, document=get_document(request.user, code))


class LiveModel(ApiView):
    tag = "packs"

    @operation("download_live_model", file=XLSX)
    def get(self, request: Caller, code: UUID) -> HttpResponse:
        """Takes a financing away as a workbook that computes."""
        return live_model_of(get_financing(request.user, code))


def links_of(user: User, pack: PackBase) -> QuerySet[Any]:
    """The links to a pack of whatever kind, to those who make them."""
    kind = kind_of(pack)
    kind.require(user)
    found: QuerySet[Any] = kind.links.objects.filter(pack=pack).select_related("pack", "made_by")
    return found


class PackLinks(ApiView):
    tag = "packs"

    @operation("list_links", answer=LinkShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Any]:
        """Lists the links to a pack. For those who make packs."""
        return links_of(request.user, get_pack(request.user, code))

    @operation("make_link", scope=Scope.ISSUE, body=NewLink, answer=LinkShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> SharedPackLink:
        """Makes a link to an issued pack."""
        return make_link(by=request.user, pack=get_pack(request.user, code), **data)


class LinkRevoke(ApiView):
    tag = "packs"

    @operation("revoke_link", scope=Scope.ISSUE, answer=LinkShown)
    def post(self, request: Caller, code: UUID) -> SharedPackLink:
        """Takes a link back, to whatever pack."""
        return revoke_link(by=request.user, link=get_link(request.user, code))
