"""Columns that many tables have alike."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models


def code_column() -> Any:
    """What addresses and programs name the row by."""
    return models.UUIDField(unique=True, default=uuid.uuid4, editable=False)


def person_column(**options: Any) -> Any:
    """Somebody who did something with the row; he stays as long as it does, and knows nothing of it."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **options)
