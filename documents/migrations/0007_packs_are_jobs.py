from django.db import migrations

from accounts.triggers import allow_changes, refuse_changes
from jobs.migrating import TASK_COLUMNS, columns_become_the_jobs


class Migration(migrations.Migration):
    dependencies = [("documents", "0006_jobs_of_packs")]

    operations = [
        # SQLite makes the table anew for a changed column, and its triggers are lost with the old one.
        allow_changes("documents_pack", when="OLD.status = 'issued' AND OLD.state = 'done'"),
        *columns_become_the_jobs("Pack", (*TASK_COLUMNS, "requested_by")),
        refuse_changes("documents_pack", when="OLD.status = 'issued'"),
    ]
