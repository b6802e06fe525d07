"""Structures and pools in the administration: to look at, not to change."""

from django.contrib import admin

from lib.admin import ReadOnlyAdmin
from securitisation.models import LoanPool, NotesPackLink, StructureVersion


@admin.register(LoanPool)
class LoanPoolAdmin(ReadOnlyAdmin):
    """The pools by hash."""

    list_display = ("name", "currency", "origin", "content_hash", "made_by", "created_at")
    list_select_related = ("made_by",)
    search_fields = ("name", "content_hash", "origin")


@admin.register(StructureVersion)
class StructureVersionAdmin(ReadOnlyAdmin):
    """Every version of every structure."""

    list_display = ("structure", "number", "pool", "content_hash", "made_by", "created_at")
    list_select_related = ("structure", "pool", "made_by")
    search_fields = ("structure__name", "content_hash")


@admin.register(NotesPackLink)
class NotesPackLinkAdmin(ReadOnlyAdmin):
    """Links to packs of notes."""

    list_display = ("recipient", "pack", "days", "made_by", "made_at", "revoked_at", "opened_count")
    list_select_related = ("pack", "made_by")
