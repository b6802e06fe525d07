from django.db import migrations

from accounts.triggers import allow_changes


class Migration(migrations.Migration):
    dependencies = [("permutations", "0007_evidence_and_simulations_of_financings")]

    operations = [
        allow_changes("permutations_evidence"),
        migrations.DeleteModel(name="Evidence"),
        migrations.DeleteModel(name="Simulation"),
    ]
