from django.db import migrations

from accounts.triggers import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("financings", "0001_financings")]

    operations = [refuse_changes("financings_financing"), refuse_changes("financings_evidence")]
