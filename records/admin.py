"""Versions in the admin: the list, the page on which one is worked on and decided, and the one that takes a file."""

from typing import Any, ClassVar, cast

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from accounts.requests import PersonRequest
from lib.admin import ReadOnlyAdmin
from records.views.work import import_version_page, work_on_version


class VersionAdmin(ReadOnlyAdmin):
    """Rows are written by the verbs in services, called from the page of a version; rooms register it for a model."""

    list_display: Any = ("name", "label", "status", "effective_from", "created_by", "created_at")
    list_filter: ClassVar[Any] = ("family", "status")
    list_select_related = ("created_by",)
    search_fields = ("name", "family", "code", "content_hash")
    change_list_template = "admin/records/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        name = self.model.admin_page("import").removeprefix("admin:")
        return [path("import/", self.admin_site.admin_view(self.import_view), name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(
            request,
            {
                **(extra_context or {}),
                "section": "rules",
                "kind": self.model.kind,
                "import_page": self.model.admin_page("import"),
            },
        )

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """The page that takes a version back in."""
        return import_version_page(cast("PersonRequest", request), self.model)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return work_on_version(cast("PersonRequest", request), self.model, object_id)
