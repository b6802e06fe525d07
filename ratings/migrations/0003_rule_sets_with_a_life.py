import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.triggers import refuse_changes

OLD = refuse_changes("ratings_ruleset", when="OLD.status <> 'draft'")
NEW = refuse_changes("ratings_ruleset", when="OLD.status = 'active'")


def person() -> models.ForeignKey:
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("ratings", "0002_active_rule_sets_written_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    # Off first and on again last: SQLite builds a table anew to change it, and forgets its triggers.
    operations = [
        migrations.RunPython(OLD.reverse_code, OLD.code),
        migrations.RemoveConstraint("ruleset", "rule_set_status_known"),
        migrations.AlterField(
            "ruleset",
            "status",
            models.CharField(
                choices=[("draft", "Draft"), ("waiting", "Waiting for approval"), ("active", "Active")],
                default="draft",
                max_length=16,
            ),
        ),
        migrations.AddField(
            "ruleset",
            "asset_class",
            models.CharField(choices=[("data_centre", "Data centres")], default="data_centre", max_length=40),
        ),
        migrations.AddField(
            "ruleset",
            "based_on",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="copies",
                to="ratings.ruleset",
            ),
        ),
        migrations.AddField(
            "ruleset",
            "revision",
            models.PositiveIntegerField(default=1, help_text="Counts the changes of the draft."),
        ),
        migrations.AddField("ruleset", "submitted_by", person()),
        migrations.AddField("ruleset", "submitted_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("ruleset", "decided_by", person()),
        migrations.AddField("ruleset", "decided_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "ruleset",
            "decision_reason",
            models.TextField(blank=True, help_text="Why the version was sent back, or what was said."),
        ),
        migrations.AddConstraint(
            "ruleset",
            models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "waiting", "active"])), name="rule_set_status_known"
            ),
        ),
        migrations.AddConstraint(
            "ruleset",
            models.CheckConstraint(
                condition=models.Q(("asset_class__in", ["data_centre"])), name="rule_set_asset_class_known"
            ),
        ),
        migrations.AddConstraint(
            "ruleset",
            models.UniqueConstraint(
                fields=("family", "effective_from"),
                condition=models.Q(("status", "active")),
                name="rule_set_one_active_a_day",
                violation_error_message="Another active version of this family is effective from the same day.",
            ),
        ),
        migrations.RunPython(NEW.code, NEW.reverse_code),
    ]
