from django.db import migrations, models

from accounts.triggers import allow_changes, refuse_changes

ACTIVE = "OLD.status = 'active'"


class Migration(migrations.Migration):
    dependencies = [("ratings", "0004_scenario_sets"), ("projects", "0009_asset_classes")]

    # Off first and on again last: SQLite builds a table anew to change it, and forgets its triggers.
    operations = [
        allow_changes("ratings_ruleset", when=ACTIVE),
        migrations.RemoveConstraint("ruleset", "rule_set_asset_class_known"),
        migrations.AlterField(
            "ruleset",
            "asset_class",
            models.CharField(
                default="data_centre", help_text="What is financed under the rules; a family has one.", max_length=40
            ),
        ),
        refuse_changes("ratings_ruleset", when=ACTIVE),
    ]
