from django.db import migrations

from accounts.triggers import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("projects", "0003_submissions")]

    operations = [refuse_changes("projects_submission", when="OLD.status <> 'pending'")]
