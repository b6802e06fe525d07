"""The database's own refusal to change rows that are written once, whatever writes to the table."""

from collections.abc import Callable, Sequence

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

Step = Callable[[StateApps, BaseDatabaseSchemaEditor], None]
Statements = Callable[[str, str], Sequence[str]]


def refuse_changes(table: str, when: str = "") -> migrations.RunPython:
    """A migration step after which UPDATE and DELETE of `table` fail, where `when` (SQL over OLD) is true or empty."""
    return migrations.RunPython(_step(_INSTALL, table, when), _step(_REMOVE, table, when))


def allow_changes(table: str, when: str = "") -> migrations.RunPython:
    """A migration step that lifts what `refuse_changes` installed: before the table itself is to change."""
    return migrations.RunPython(_step(_REMOVE, table, when), _step(_INSTALL, table, when))


def _step(statements: dict[str, Statements], table: str, when: str) -> Step:
    def run(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for statement in statements[schema_editor.connection.vendor](table, when):
            schema_editor.execute(statement)

    return run


def _sqlite_install(table: str, when: str) -> Sequence[str]:
    condition = f"WHEN {when}" if when else ""
    return [
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{table} rows are written once'); END"
        for verb in ("update", "delete")
    ]


def _sqlite_remove(table: str, when: str) -> Sequence[str]:
    return [f"DROP TRIGGER {table}_no_{verb}" for verb in ("update", "delete")]


def _postgresql_install(table: str, when: str) -> Sequence[str]:
    condition = f"WHEN ({when})" if when else ""
    refuse = f"EXECUTE FUNCTION {table}_refuse()"
    function = (
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{table} rows are written once' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    return [
        function,
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {condition} {refuse}",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}",
    ]


def _postgresql_remove(table: str, when: str) -> Sequence[str]:
    drops = [f"DROP TRIGGER {table}_no_{what} ON {table}" for what in ("change", "truncate")]
    return [*drops, f"DROP FUNCTION {table}_refuse()"]


_INSTALL: dict[str, Statements] = {"sqlite": _sqlite_install, "postgresql": _postgresql_install}
_REMOVE: dict[str, Statements] = {"sqlite": _sqlite_remove, "postgresql": _postgresql_remove}
