"""Rule sets in the admin: the versions, and the page on which one is worked on and decided; scenario sets, to read."""

import json
from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from accounts.requests import PersonRequest
from lib.admin import ReadOnlyAdmin
from ratings.admin_pages import import_rules, work_on_rules
from ratings.models import RuleSet, ScenarioSet


@admin.register(RuleSet)
class RuleSetAdmin(ReadOnlyAdmin):
    """Rows are written by the verbs in services, called from the page of a version."""

    list_display = ("name", "label", "asset_class", "status", "effective_from", "created_by", "created_at")
    list_filter = ("asset_class", "family", "status")
    list_select_related = ("created_by",)
    search_fields = ("name", "family", "code", "content_hash")

    change_list_template = "admin/ratings/ruleset/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        take_in = path("import/", self.admin_site.admin_view(self.import_view), name="ratings_ruleset_import")
        return [take_in, *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """The page that takes a version back in."""
        return import_rules(cast("PersonRequest", request))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return work_on_rules(cast("PersonRequest", request), object_id)


@admin.register(ScenarioSet)
class ScenarioSetAdmin(ReadOnlyAdmin):
    """Whose sets there are and who may use them; their owners change and share them on their own pages."""

    list_display = ("name", "owner", "is_shared", "scenario_count", "updated_at")
    list_filter = ("is_shared", ("owner", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("owner",)
    search_fields = ("name", "owner__email", "code")
    date_hierarchy = "updated_at"
    fields = ("code", "name", "owner", "is_shared", "created_at", "updated_at", "terms_text")
    readonly_fields = ("terms_text",)

    @admin.display(description="scenarios")
    def scenario_count(self, scenario_set: ScenarioSet) -> int:
        return len(scenario_set.scenarios)

    @admin.display(description="terms")
    def terms_text(self, scenario_set: ScenarioSet) -> str:
        return json.dumps(scenario_set.scenarios, indent=1, ensure_ascii=False)
