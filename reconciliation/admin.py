"""Mappings and terms in the admin, where they are worked on; everything else to read."""

from django.contrib import admin

from lib.admin import ReadOnlyAdmin
from reconciliation.models import (
    Break,
    BreakPack,
    Channel,
    Decision,
    Definition,
    MappingTemplate,
    ReceivedFile,
    Recipient,
    ReconciliationTerms,
    ScheduledDelivery,
    Source,
)
from reconciliation.words import title_of
from records.admin import VersionAdmin

admin.site.register(MappingTemplate, VersionAdmin)
admin.site.register(ReconciliationTerms, VersionAdmin)


@admin.register(Source)
class SourceAdmin(ReadOnlyAdmin):
    """Who sends what."""

    list_display = ("name", "role", "format", "book", "is_active")


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    """Where files are fetched from."""

    list_display = ("source", "kind", "address", "user", "is_active", "next_at", "failed_count")


@admin.register(ReceivedFile)
class ReceivedFileAdmin(ReadOnlyAdmin):
    """What came, and what became of it."""

    list_display = ("name", "source", "state", "business_date", "record_count", "received_at")
    list_filter = ("state",)


@admin.register(Definition)
class DefinitionAdmin(ReadOnlyAdmin):
    """What is compared."""

    list_display = ("name", "what", "is_active")


@admin.register(Break)
class BreakAdmin(ReadOnlyAdmin):
    """What is open and what was settled."""

    list_display = ("reference", "difference", "severity", "state", "opened_at")
    list_filter = ("state", "severity")

    @admin.display(description="difference", ordering="type")
    def difference(self, row: Break) -> str:
        return title_of(row.type)


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """What people decided of records."""

    list_display = ("choice", "definition", "reason", "by", "at", "is_taken_back")


@admin.register(BreakPack)
class BreakPackAdmin(ReadOnlyAdmin):
    """Breaks with everything behind them, as one archive."""

    list_display = ("title", "state", "requested_by", "created_at", "size_bytes")
    list_filter = ("state",)


@admin.register(Recipient)
class RecipientAdmin(ReadOnlyAdmin):
    """For whom files are locked; what opens them is not shown."""

    list_display = ("name", "method", "fingerprint", "expires_at", "is_active")
    exclude = ("secret",)


@admin.register(ScheduledDelivery)
class ScheduledDeliveryAdmin(ReadOnlyAdmin):
    """What leaves the house by itself."""

    list_display = ("name", "what", "way", "at", "is_active", "next_at", "failed_count")
