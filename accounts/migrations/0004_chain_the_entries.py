from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from accounts.chain import GENESIS, digest

AT_ONCE = 1_000
UPDATE = "UPDATE accounts_auditentry SET sequence = %s, previous_hash = %s, hash = %s WHERE id = %s"


def chain_the_entries(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    entries = apps.get_model("accounts", "AuditEntry")._base_manager.order_by("pk")
    number, previous_hash, last = 0, GENESIS, 0
    while batch := list(entries.filter(pk__gt=last)[:AT_ONCE]):
        links = []
        for entry in batch:
            number += 1
            entry.sequence, entry.previous_hash = number, previous_hash
            previous_hash = digest(entry)
            links.append((number, entry.previous_hash, previous_hash, entry.pk))
        with schema_editor.connection.cursor() as cursor:
            cursor.executemany(UPDATE, links)
        last = batch[-1].pk


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_audit_chain_columns")]

    operations = [migrations.RunPython(chain_the_entries, migrations.RunPython.noop)]
