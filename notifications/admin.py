"""News in the administration: what people were told and whether a mail went out. To look at, not to change."""

from django.contrib import admin

from lib.admin import ReadOnlyAdmin
from notifications.models import Notification


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("title", "person", "kind", "created_at", "read_at", "sent_at", "mail_attempts")
    list_filter = ("kind",)
    list_select_related = ("person",)
    search_fields = ("title", "person__email")
    date_hierarchy = "created_at"
