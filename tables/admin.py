from django.contrib import admin

from lib.admin import ReadOnlyAdmin
from tables.models import SavedView


@admin.register(SavedView)
class SavedViewAdmin(ReadOnlyAdmin):
    """Which views there are; their owners change and share them on the pages of their tables."""

    list_display = ("name", "kind", "owner", "is_shared", "updated_at")
    list_filter = ("kind", "is_shared")
    list_select_related = ("owner",)
    search_fields = ("name", "owner__email", "code")
