import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.triggers import refuse_changes


class Migration(migrations.Migration):
    dependencies = [
        ("portfolios", "0002_written_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TakenNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asset_id", models.CharField(db_index=True, max_length=60)),
                ("note_code", models.CharField(max_length=60)),
                ("title", models.CharField(max_length=300)),
                ("provenance", models.CharField(max_length=300)),
                ("content_hash", models.CharField(max_length=64)),
                (
                    "source",
                    models.CharField(
                        max_length=200,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[^\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]*\\Z",
                                "Use one line of plain text.",
                            )
                        ],
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "deal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="taken_notes", to="portfolios.deal"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-pk"),
            },
        ),
        refuse_changes("portfolios_takennote"),
    ]
