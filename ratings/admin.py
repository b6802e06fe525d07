"""Rule sets and market sets in the admin, each with the page on which one is worked on; scenario sets, to read."""

import json

from django.contrib import admin

from lib.admin import ReadOnlyAdmin
from ratings.models import MarketSet, RuleSet, ScenarioSet
from records.admin import VersionAdmin

admin.site.register(MarketSet, VersionAdmin)


@admin.register(RuleSet)
class RuleSetAdmin(VersionAdmin):
    """Rule sets, told apart by what is financed."""

    list_display = ("name", "label", "asset_class", "status", "effective_from", "created_by", "created_at")
    list_filter = ("asset_class", "family", "status")


@admin.register(ScenarioSet)
class ScenarioSetAdmin(ReadOnlyAdmin):
    """Whose sets there are and who may use them; their owners change and share them on their own pages."""

    listed_data = ("scenarios",)
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
