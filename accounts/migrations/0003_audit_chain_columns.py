from django.db import migrations, models

from accounts.triggers import allow_changes


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_audit_append_only")]

    operations = [
        # Until 0005: the entries there are get their numbers and hashes.
        allow_changes("accounts_auditentry"),
        migrations.AlterModelOptions(
            name="auditentry", options={"ordering": ("-sequence",), "verbose_name_plural": "audit entries"}
        ),
        migrations.AddField("auditentry", "sequence", models.PositiveBigIntegerField(editable=False, null=True)),
        migrations.AddField(
            "auditentry",
            "agent",
            models.CharField(
                blank=True,
                default="",
                help_text="The browser, or the process where there is none.",
                max_length=200,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "auditentry",
            "request_id",
            models.CharField(
                blank=True, default="", help_text="The same for all entries of one request.", max_length=64
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "auditentry",
            "previous_hash",
            models.CharField(default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            "auditentry", "hash", models.CharField(default="", editable=False, max_length=64), preserve_default=False
        ),
    ]
