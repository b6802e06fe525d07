from django.db import migrations

from accounts.triggers import refuse_changes

WRITTEN_ONCE = ("compliancecheck", "decision", "export", "rolerun")


class Migration(migrations.Migration):
    dependencies = [("strategies", "0003_limits_lists_and_flow")]

    operations = [
        *(refuse_changes(f"strategies_{model}") for model in WRITTEN_ONCE),
        refuse_changes("strategies_desklimits", when="OLD.status = 'active'"),
    ]
