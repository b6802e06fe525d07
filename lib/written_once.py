"""The base of rows that figures refer to: added, and never changed. Triggers of a migration hold it in the database too."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from lib.errors import AppendOnlyError


class WrittenOnce(models.Model):
    """A row that figures refer to: added, and never changed."""

    never_changed: ClassVar[str] = ""  # what to do instead, in the words of the row; by default by its name
    never_deleted: ClassVar[str] = ""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(self.never_changed or f"A {self._meta.verbose_name} is never changed: add another.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(self.never_deleted or f"A {self._meta.verbose_name} is never deleted.")
