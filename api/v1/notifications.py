"""What the caller was told, and the views of tables they keep."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.shared import Of
from notifications.models import Notification
from notifications.queries import get_notification
from notifications.services.mark_read import mark_read


class NotificationShown(Of):
    """Something the caller was told."""

    code = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField()
    url = serializers.CharField()
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class NotificationQuery(Of):
    unread = serializers.BooleanField(default=False)


class Notifications(ApiView):
    tag = "notifications"

    @operation("list_notifications", query=NotificationQuery, answer=NotificationShown, pages="pk")
    def get(self, request: Caller, query: dict[str, Any]) -> QuerySet[Notification]:
        """Lists what the caller was told, the latest first."""
        found = Notification.objects.filter(person=request.user)
        return found.filter(read_at=None) if query["unread"] else found


class NotificationRead(ApiView):
    tag = "notifications"

    @operation("mark_read", scope=Scope.WRITE, answer=NotificationShown)
    def post(self, request: Caller, code: UUID) -> Notification:
        """Marks a notification as read."""
        get_notification(request.user, code)
        mark_read(by=request.user, codes=[code])
        return get_notification(request.user, code)
