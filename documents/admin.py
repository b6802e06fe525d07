"""Packs, links and templates in the administration: to look at, not to change; the verbs that change them are services."""

from django.contrib import admin

from documents.models import DocumentTemplate, ManifestSignature, Pack, PackLink
from lib.admin import ReadOnlyAdmin


@admin.register(Pack)
class PackAdmin(ReadOnlyAdmin):
    list_display = ("title", "number", "organisation", "status", "state", "requested_by", "created_at")
    list_filter = ("status", "state")
    list_select_related = ("requested_by",)
    search_fields = ("number", "title", "organisation")


@admin.register(PackLink)
class PackLinkAdmin(ReadOnlyAdmin):
    list_display = ("recipient", "pack", "days", "made_by", "made_at", "revoked_at", "opened_count")
    list_select_related = ("pack", "made_by")


@admin.register(DocumentTemplate)
class DocumentTemplateAdmin(ReadOnlyAdmin):
    list_display = ("document", "organisation", "version", "filename", "added_by", "added_at")
    list_filter = ("organisation",)
    list_select_related = ("added_by",)

    @admin.display(ordering="kind")
    def document(self, template: DocumentTemplate) -> str:
        """What the template is for, as packs call it."""
        from documents.kinds import kind_of  # readers of files, which servers start without

        return kind_of(template.kind).title


@admin.register(ManifestSignature)
class ManifestSignatureAdmin(ReadOnlyAdmin):
    list_display = ("manifest_hash", "public_key", "signed_at")
    search_fields = ("manifest_hash", "public_key")
