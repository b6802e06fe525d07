import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from accounts.triggers import refuse_changes


class Migration(migrations.Migration):
    dependencies = [
        ("ratings", "0005_asset_classes_as_data"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="ruleset",
            name="content",
            field=models.JSONField(help_text="The tables, each value with provenance and source."),
        ),
        migrations.AlterField(
            model_name="ruleset",
            name="notes",
            field=models.TextField(blank=True, help_text="What the version is, and where it comes from."),
        ),
        migrations.CreateModel(
            name="MarketSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("family", models.SlugField(help_text="Versions of one family follow each other.", max_length=60)),
                ("version", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=200)),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("waiting", "Waiting for approval"), ("active", "Active")],
                        default="draft",
                        max_length=16,
                    ),
                ),
                ("effective_from", models.DateField(help_text="In force from this day until a later version is.")),
                ("content", models.JSONField(help_text="The tables, each value with provenance and source.")),
                (
                    "content_hash",
                    models.CharField(editable=False, help_text="SHA-256 of the canonical text.", max_length=64),
                ),
                ("notes", models.TextField(blank=True, help_text="What the version is, and where it comes from.")),
                ("revision", models.PositiveIntegerField(default=1, help_text="Counts the changes of the draft.")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("submitted_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decision_reason",
                    models.TextField(blank=True, help_text="Why the version was sent back, or what was said."),
                ),
                (
                    "based_on",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="copies",
                        to="ratings.marketset",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("family", "-version"),
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("family", "version"), name="market_set_version_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "active")),
                        fields=("family", "effective_from"),
                        name="market_set_one_active_a_day",
                        violation_error_message="Another active version of this family is effective from the same day.",
                    ),
                    models.CheckConstraint(condition=models.Q(("version__gte", 1)), name="market_set_version_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["draft", "waiting", "active"])),
                        name="market_set_status_known",
                    ),
                ],
            },
        ),
        refuse_changes("ratings_marketset", when="OLD.status = 'active'"),
    ]
