"""The base of rows that figures refer to: added, and never changed. Triggers of a migration hold it in the database too."""

from __future__ import annotations

from typing import Any

from django.db import models

from lib.errors import AppendOnlyError


class WrittenOnce(models.Model):
    """A row that figures refer to: added, and never changed."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(f"A {self._meta.verbose_name} is never changed: add another.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(f"A {self._meta.verbose_name} is never deleted.")
