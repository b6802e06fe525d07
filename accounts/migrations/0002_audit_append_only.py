from django.db import migrations

from accounts.triggers import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_people_and_audit")]

    operations = [refuse_changes("accounts_auditentry")]
