from django.db import migrations, models

from accounts.triggers import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_chain_the_entries")]

    operations = [
        migrations.AlterField("auditentry", "sequence", models.PositiveBigIntegerField(editable=False, unique=True)),
        refuse_changes("accounts_auditentry"),
    ]
