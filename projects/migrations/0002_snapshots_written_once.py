from django.db import migrations

from accounts.triggers import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_projects_and_snapshots")]

    operations = [refuse_changes("projects_snapshot")]
