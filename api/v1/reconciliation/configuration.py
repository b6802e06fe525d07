"""What is set up: definitions, mappings, terms, recipients and deliveries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Scope, User
from api.operations import ApiView, Caller, operation
from api.v1.jobs import JobShown
from api.v1.reconciliation.shared import PackFilters, get_channel
from api.v1.records import version_views
from api.v1.shared import Of
from lib.verbs import refuse
from reconciliation.access import DELIVER, get, require_may, require_see
from reconciliation.models import (
    NAME_LENGTH,
    Definition,
    Delivered,
    DeliveryTry,
    Encryption,
    ExportFormat,
    MappingTemplate,
    Recipient,
    ReconciliationTerms,
    ScheduledDelivery,
    Source,
    Way,
    What,
)
from reconciliation.services.define_reconciliation import define_reconciliation
from reconciliation.services.save_delivery import end_delivery, save_delivery, send_now
from reconciliation.services.save_recipient import end_recipient, save_recipient

MAPPING_VERSIONS = version_views(MappingTemplate, "mapping")


TERMS_VERSIONS = version_views(ReconciliationTerms, "terms_version")


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


DELIVERIES = ScheduledDelivery.objects.select_related("definition", "recipient", "channel__source", "saved_by")


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
    row.channel = get_channel(request, source) if source else None
    asked = data.pop("people")
    people = list(User.objects.filter(email__in=asked))
    if missing := set(asked) - {each.email for each in people}:
        raise refuse("people", "people", f"People: nobody here has the address {', '.join(sorted(missing))}.")
    row.filters = {name: str(value) for name, value in data.pop("filters").items()}
    for name, value in data.items():
        setattr(row, name, value)
    return save_delivery(by=request.user, delivery=row, people=people)
