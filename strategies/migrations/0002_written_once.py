from django.db import migrations

from accounts.triggers import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("strategies", "0001_desks_data_and_strategies")]

    operations = [refuse_changes("strategies_dataset"), refuse_changes("strategies_strategyversion")]
