"""Runs in the admin: to look at, not to change; the verbs that change them live in services."""

from django.contrib import admin

from lib.admin import ReadOnlyAdmin
from permutations.models import RuleSetTrial, Run, RunComparison, Search, TopResult


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "project",
        "is_starred",
        "state",
        "evaluated_count",
        "done_count",
        "requested_by",
        "created_at",
    )
    list_filter = ("state", "objective")
    list_select_related = ("project", "requested_by")
    search_fields = ("code", "project__title")


@admin.register(TopResult)
class TopResultAdmin(ReadOnlyAdmin):
    list_display = ("run", "rank", "permutation_index", "tier", "score")
    list_filter = ("tier",)
    list_select_related = ("run",)


@admin.register(RunComparison)
class RunComparisonAdmin(ReadOnlyAdmin):
    list_display = ("name", "owner", "created_at")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__email")


@admin.register(Search)
class SearchAdmin(ReadOnlyAdmin):
    list_display = ("run", "state", "requested_by", "created_at")
    list_filter = ("state",)
    list_select_related = ("run", "requested_by")


@admin.register(RuleSetTrial)
class RuleSetTrialAdmin(ReadOnlyAdmin):
    list_display = ("rule_set", "run", "state", "requested_by", "created_at")
    list_filter = ("state",)
    list_select_related = ("rule_set", "run", "requested_by")
