"""What people keep of tables."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

NAME_LENGTH = 80
QUERY_LENGTH = 8_000


class SavedView(models.Model):
    """Filters, columns and order of one kind of table, under a name of its owner's; shared, its link opens for others."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_views")
    kind = models.CharField("kind of table", max_length=40)
    name = models.CharField(max_length=NAME_LENGTH)
    query = models.TextField(max_length=QUERY_LENGTH, help_text="As the address of a page has it.")
    is_shared = models.BooleanField("opens for whoever has its link", default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(fields=["owner", "kind", "name"], name="saved_view_name_once_an_owner"),)

    def __str__(self) -> str:
        return self.name
