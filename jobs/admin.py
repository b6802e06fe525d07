"""Jobs in the administration: to look at, not to change; the verbs that change them live in services."""

from django.contrib import admin

from jobs.models import Job, Part
from lib.admin import ReadOnlyAdmin


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("title", "kind", "state", "done_count", "total_count", "requested_by", "created_at")
    list_filter = ("kind", "state")
    list_select_related = ("requested_by",)
    search_fields = ("code", "title")


@admin.register(Part)
class PartAdmin(ReadOnlyAdmin):
    list_display = ("job", "number", "state", "claimed_by", "attempts", "heartbeat_at")
    list_filter = ("state",)
    list_select_related = ("job",)
