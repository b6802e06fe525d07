"""Lets the tests' own clean-up empty tables that refuse deletion, and nothing else."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations


def lift_while_flushing(connection: BaseDatabaseWrapper) -> None:
    """From now on the database's triggers rest while Django empties all tables after a test."""
    # On the class: beside Playwright's event loop the same thread is given another connection.
    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def flush_without_triggers(self: BaseDatabaseOperations, sql_list: Sequence[str], tries: int = 5) -> None:
        try:
            with transaction.atomic(using=self.connection.alias), lifted(self.connection):
                flush(self, sql_list)
        except OperationalError:
            # PostgreSQL: a server or a worker of the test was still at its last rows, and one of the two had to give way.
            if not tries:
                raise
            flush_without_triggers(self, sql_list, tries - 1)

    operations.execute_sql_flush = flush_without_triggers  # type: ignore[method-assign, assignment]


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    rest, wake = {"sqlite": _sqlite, "postgresql": _postgresql}[connection.vendor](connection)
    _execute(connection, rest)
    yield
    _execute(connection, wake)


def _sqlite(connection: BaseDatabaseWrapper) -> tuple[list[str], list[str]]:
    rows = _rows(connection, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    return [f"DROP TRIGGER {name}" for name, _ in rows], [sql for _, sql in rows]


def _postgresql(connection: BaseDatabaseWrapper) -> tuple[list[str], list[str]]:
    rows = _rows(connection, "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
    return (
        [f"ALTER TABLE {table} DISABLE TRIGGER USER" for (table,) in rows],
        [f"ALTER TABLE {table} ENABLE TRIGGER USER" for (table,) in rows],
    )


def _rows(connection: BaseDatabaseWrapper, sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _execute(connection: BaseDatabaseWrapper, statements: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
