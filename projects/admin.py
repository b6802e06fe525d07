"""Projects and snapshots in the admin, to read."""

import json
from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User
from lib.admin import ReadOnlyAdmin
from projects.attachments.models import Attachment
from projects.models import AssetClass, Project, ProjectDraft, Series, Snapshot
from projects.review_admin import SubmissionAdmin
from projects.services import add_asset_class

__all__ = [
    "AssetClassAdmin",
    "AttachmentAdmin",
    "ProjectAdmin",
    "ProjectDraftAdmin",
    "SeriesAdmin",
    "SnapshotAdmin",
    "SubmissionAdmin",
]


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    list_display = ("title", "owner", "status", "asset_class", "version", "updated_at")
    list_filter = ("status", "asset_class")
    list_select_related = ("owner",)
    search_fields = ("title", "owner__email", "code")
    date_hierarchy = "updated_at"
    fields = ("code", "title", "owner", "status", "asset_class", "version", "created_at", "updated_at", "inputs_text")
    readonly_fields = ("inputs_text",)

    @admin.display(description="inputs")
    def inputs_text(self, project: Project) -> str:
        return json.dumps(project.inputs, indent=1, ensure_ascii=False)


@admin.register(AssetClass)
class AssetClassAdmin(ReadOnlyAdmin):
    """Classes are added and stay: rules and projects refer to them."""

    list_display = ("name", "code", "created_by", "created_at")
    list_select_related = ("created_by",)
    fields = ("code", "name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff

    def save_model(self, request: HttpRequest, obj: AssetClass, form: Any, change: bool) -> None:
        added = add_asset_class(by=cast("User", request.user), code=obj.code, name=obj.name)
        obj.pk = added.pk


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    list_display = ("project", "version", "created_by", "created_at")
    list_select_related = ("project", "created_by")
    search_fields = ("project__title", "content_hash", "code")
    date_hierarchy = "created_at"
    fields = ("code", "project", "version", "content_hash", "created_by", "created_at", "content_text")
    readonly_fields = ("content_text",)

    @admin.display(description="content")
    def content_text(self, snapshot: Snapshot) -> str:
        return json.dumps(snapshot.content, indent=1, ensure_ascii=False)


@admin.register(Series)
class SeriesAdmin(ReadOnlyAdmin):
    list_display = ("title", "owner", "position", "created_at")
    list_select_related = ("owner",)
    search_fields = ("title", "owner__email", "code")


@admin.register(ProjectDraft)
class ProjectDraftAdmin(ReadOnlyAdmin):
    """That somebody has something unsaved, and since when; what was typed is theirs alone."""

    list_display = ("person", "project", "created_at", "updated_at")
    list_select_related = ("person", "project")
    search_fields = ("person__email", "project__title")
    fields = ("code", "person", "project", "created_at", "updated_at")


@admin.register(Attachment)
class AttachmentAdmin(ReadOnlyAdmin):
    list_display = ("name", "project", "purpose", "size_bytes", "added_by", "added_at", "deleted_at")
    list_filter = ("purpose",)
    list_select_related = ("project", "added_by")
    search_fields = ("name", "project__title")
    date_hierarchy = "added_at"
