"""Limits of desks with the page on which a version is worked on; datasets and versions of strategies, to read."""

from django.contrib import admin

from lib.admin import ReadOnlyAdmin
from records.admin import VersionAdmin
from strategies.models import Dataset, DeskLimits, StrategyVersion

admin.site.register(DeskLimits, VersionAdmin)


@admin.register(Dataset)
class DatasetAdmin(ReadOnlyAdmin):
    """The panels by hash."""

    list_display = ("universe", "kind", "number", "file_hash", "origin", "made_by", "created_at")
    list_select_related = ("universe", "made_by")
    search_fields = ("universe__name", "file_hash", "origin")


@admin.register(StrategyVersion)
class StrategyVersionAdmin(ReadOnlyAdmin):
    """Every version of every strategy."""

    list_display = ("strategy", "number", "content_hash", "note", "made_by", "created_at")
    list_select_related = ("strategy", "made_by")
    search_fields = ("strategy__name", "content_hash")
