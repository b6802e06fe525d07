"""A platform's rows from a SQLite file into an empty PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DataError, IntegrityError, connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from lib.errors import AtlasError

SOURCE = "moved"
BATCH = 500


class NotMoved(AtlasError):
    """Rows that this database does not take."""


def move_rows(path: Path) -> int:
    """How many rows are in the database now: those of the SQLite file, in one transaction, under their own numbers."""
    call_command("migrate", verbosity=0, interactive=False)
    with _opened(path), transaction.atomic():
        _require_same_schema()
        models = list(_models())
        for model in models:
            _forget(model)
        moved = sum(_move(model) for model in models)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)
    return moved


@contextmanager
def _opened(path: Path) -> Iterator[None]:
    options = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": {}}
    connections.settings[SOURCE] = {**connections.settings["default"], **options}
    try:
        yield
    finally:
        connections[SOURCE].close()
        del connections[SOURCE], connections.settings[SOURCE]


def _require_same_schema() -> None:
    there, here = (set(MigrationRecorder(each).applied_migrations()) for each in (connections[SOURCE], connection))
    if there != here:
        other = min(there ^ here)
        raise NotMoved(
            "The rows are of another version of the platform (migration " + ".".join(other) + "). "
            "Restore them on SQLite, migrate there, and take a backup of that."
        )


def _models() -> Iterator[type[Model]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model


def _forget(model: type[Model]) -> None:
    """Nothing: the table is without the rows that migrations laid there, which the file has too."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608  # a name of our own


def _move(model: type[Model]) -> int:
    # A row as it stands: neither a model's refusals nor its times of now; of a row in two tables each has its part.
    fields = [field for field in model._meta.local_concrete_fields if not field.generated]
    rows, moved = model._base_manager.using(SOURCE).order_by("pk").iterator(BATCH), 0
    while batch := list(islice(rows, BATCH)):
        _insert(model, batch, fields)
        moved += len(batch)
    return moved


def _insert(model: type[Model], batch: list[Any], fields: Any) -> None:
    try:
        model._base_manager._insert(batch, fields=fields, using="default", raw=True)  # type: ignore[attr-defined]
    except (DataError, IntegrityError, ValueError) as error:
        raise NotMoved(f"PostgreSQL does not take a row of {model._meta.db_table}: {error}") from error
