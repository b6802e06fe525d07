from django.db import migrations

from accounts.triggers import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("ratings", "0001_rule_sets")]

    operations = [refuse_changes("ratings_ruleset", when="OLD.status <> 'draft'")]
