"""Limits in the admin, with the page on which a version is worked on; deals and pools, to read."""

from django.contrib import admin

from lib.admin import ReadOnlyAdmin
from portfolios.models import Deal, LimitSet, PoolSnapshot, SavedReport, TakenNote
from records.admin import VersionAdmin

admin.site.register(LimitSet, VersionAdmin)


@admin.register(Deal)
class DealAdmin(ReadOnlyAdmin):
    """The deals."""

    list_display = ("name", "currency", "closing_date", "stated_maturity", "preset")
    search_fields = ("name", "code")


@admin.register(PoolSnapshot)
class PoolSnapshotAdmin(ReadOnlyAdmin):
    """The pools by hash."""

    list_display = ("deal", "purpose", "number", "determination_date", "content_hash", "created_at")
    list_filter = ("purpose",)
    fields = ("code", "deal", "purpose", "number", "determination_date", "content_hash", "origin", "created_at")


@admin.register(TakenNote)
class TakenNoteAdmin(ReadOnlyAdmin):
    """Notes issued in the house among the candidates of deals."""

    list_display = ("deal", "asset_id", "title", "provenance", "source", "made_by", "created_at")
    list_filter = ("deal",)


@admin.register(SavedReport)
class SavedReportAdmin(ReadOnlyAdmin):
    """Reports by choice."""

    list_display = ("deal", "name", "made_by", "created_at")
    list_filter = ("deal",)
