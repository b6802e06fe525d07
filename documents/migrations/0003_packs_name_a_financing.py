import django.db.models.deletion
from django.db import migrations, models

from accounts.triggers import allow_changes


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_issued_packs_written_once"), ("financings", "0002_written_once")]

    operations = [
        # The columns of issued packs move too; the refusal stands again at the end of 0005.
        allow_changes("documents_pack", when="OLD.status = 'issued' AND OLD.state = 'done'"),
        migrations.AddField(
            model_name="pack",
            name="financing",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="packs", to="financings.financing"
            ),
        ),
        migrations.AddField(
            model_name="pack",
            name="origin",
            field=models.JSONField(
                blank=True, default=dict, help_text="What its manifest says of where the figures were found."
            ),
        ),
    ]
