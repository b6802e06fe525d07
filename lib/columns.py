"""Columns that many tables have alike."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, TypeVar

from django.conf import settings
from django.db import models

Row = TypeVar("Row", bound=models.Model)


def code_column() -> Any:
    """What addresses and programs name the row by."""
    return models.UUIDField(unique=True, default=uuid.uuid4, editable=False)


def person_column(**options: Any) -> Any:
    """Somebody who did something with the row; he stays as long as it does, and knows nothing of it."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **options)


def of_codes(found: models.QuerySet[Row], codes: Sequence[str]) -> list[Row]:
    """The rows of these codes in their order, each once; those that are not among `found` are absent."""
    known = {str(getattr(row, "code")): row for row in found.filter(code__in=codes)}  # noqa: B009  # not every model has one
    return [known[code] for code in dict.fromkeys(codes) if code in known]
