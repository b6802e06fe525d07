"""Projects and snapshots in the admin, to read."""

import json

from django.contrib import admin

from projects.models import Project, Snapshot
from projects.readonly import ReadOnlyAdmin
from projects.review_admin import SubmissionAdmin

__all__ = ["ProjectAdmin", "SnapshotAdmin", "SubmissionAdmin"]


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = ("title", "owner", "status", "version", "updated_at", "code")
    list_filter = ("status",)
    list_select_related = ("owner",)
    search_fields = ("title", "owner__email", "code")
    date_hierarchy = "updated_at"
    fields = ("code", "title", "owner", "status", "version", "created_at", "updated_at", "inputs_text")
    readonly_fields = ("inputs_text",)

    @admin.display(description="inputs")
    def inputs_text(self, project: Project) -> str:
        return json.dumps(project.inputs, indent=1, ensure_ascii=False)


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    list_display = ("project", "version", "content_hash", "created_by", "created_at")
    list_select_related = ("project", "created_by")
    search_fields = ("project__title", "content_hash", "code")
    date_hierarchy = "created_at"
    fields = ("code", "project", "version", "content_hash", "created_by", "created_at", "content_text")
    readonly_fields = ("content_text",)

    @admin.display(description="content")
    def content_text(self, snapshot: Snapshot) -> str:
        return json.dumps(snapshot.content, indent=1, ensure_ascii=False)
