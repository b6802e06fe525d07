import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("permutations", "0015_rows_kept"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameField("runcomparison", "run_codes", "codes"),
        migrations.AlterField(
            "runcomparison",
            "codes",
            models.JSONField(help_text="Of what is compared, in the order of the page."),
        ),
        migrations.AlterField(
            "runcomparison",
            "owner",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "runcomparison",
            "note",
            models.TextField(
                blank=True, default="", help_text="Why it was made, or what came of it.", max_length=2_000
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "runcomparison",
            "is_starred",
            models.BooleanField(default=False, help_text="Worth coming back to."),
        ),
        migrations.RemoveConstraint("runcomparison", "run_comparison_name_once_an_owner"),
        migrations.AddConstraint(
            "runcomparison",
            models.UniqueConstraint(fields=("owner", "name"), name="runcomparison_name_once_an_owner"),
        ),
        migrations.AlterModelOptions("runcomparison", {"ordering": ("-is_starred", "name", "pk")}),
    ]
