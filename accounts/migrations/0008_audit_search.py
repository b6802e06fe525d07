from django.db import migrations, models

from accounts.triggers import allow_changes, refuse_changes


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_confirmed_emails_and_cache")]

    operations = [
        # SQLite makes the table anew for a changed column, and its triggers are lost with the old one.
        allow_changes("accounts_auditentry"),
        migrations.AlterField("auditentry", "action", models.CharField(max_length=100)),
        migrations.AlterField("auditentry", "target_code", models.UUIDField(null=True)),
        migrations.AddIndex("auditentry", models.Index(fields=["action", "sequence"], name="audit_by_action")),
        migrations.AddIndex("auditentry", models.Index(fields=["target_code", "sequence"], name="audit_by_target")),
        migrations.AddIndex("auditentry", models.Index(fields=["target_type", "sequence"], name="audit_by_kind")),
        migrations.AddIndex("auditentry", models.Index(fields=["request_id", "sequence"], name="audit_by_request")),
        refuse_changes("accounts_auditentry"),
    ]
