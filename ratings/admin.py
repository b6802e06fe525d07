"""Rule sets in the admin, to read: each limit with where it comes from."""

import json

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from projects.readonly import ReadOnlyAdmin
from ratings.models import RuleSet
from ratings.queries import criteria_lines

HEADS = ("Jurisdiction", "Rating", "Limit", "Value", "Provenance", "Source")


@admin.register(RuleSet)
class RuleSetAdmin(ReadOnlyAdmin):
    list_display = ("name", "label", "status", "effective_from", "content_hash", "created_at")
    list_filter = ("family", "status")
    search_fields = ("name", "family", "code", "content_hash")
    fields = (
        "code", "family", "version", "name", "status", "effective_from", "notes", "content_hash", "created_by",
        "created_at", "criteria_table", "content_text",
    )  # fmt: skip
    readonly_fields = ("criteria_table", "content_text")

    @admin.display(description="criteria")
    def criteria_table(self, rule_set: RuleSet) -> SafeString:
        head = format_html_join("", "<th>{}</th>", ((name,) for name in HEADS))
        rows = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                (line.path[1], line.path[2], line.field, line.value, line.provenance, line.source)
                for line in criteria_lines(rule_set)
            ),
        )
        return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, rows)

    @admin.display(description="content")
    def content_text(self, rule_set: RuleSet) -> str:
        return json.dumps(rule_set.content, indent=1, ensure_ascii=False)
