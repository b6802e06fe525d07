"""Financings and their evidence in the administration: to look at, not to change; the verbs that change them are services."""

from django.contrib import admin

from financings.models import Evidence, Financing, FinancingComparison, Simulation
from lib.admin import ReadOnlyAdmin


@admin.register(Financing)
class FinancingAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "project", "snapshot", "rule_set", "engine_version", "made_by", "created_at")
    list_select_related = ("project", "snapshot__project", "rule_set", "made_by")
    search_fields = ("title", "content_hash", "project__title")


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    list_display = (
        "fact",
        "state",
        "symbol",
        "project",
        "financing",
        "seen_on",
        "entered_by",
        "entered_at",
    )
    list_filter = ("state", "fact")
    list_select_related = ("project", "financing", "entered_by")
    search_fields = ("fact", "source", "project__title")


@admin.register(Simulation)
class SimulationAdmin(ReadOnlyAdmin):
    list_display = ("financing", "state", "total_count", "requested_by", "created_at", "finished_at")
    list_filter = ("state",)
    list_select_related = ("financing__project", "requested_by")
    search_fields = ("financing__title", "financing__project__title", "code")


@admin.register(FinancingComparison)
class FinancingComparisonAdmin(ReadOnlyAdmin):
    list_display = ("name", "owner", "is_starred", "created_at")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__email")
