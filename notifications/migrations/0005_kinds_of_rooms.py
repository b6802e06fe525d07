from django.db import migrations, models

from notifications.kinds import choices


class Migration(migrations.Migration):
    """Kinds of news are declared by rooms: no migration is needed for another one."""

    dependencies = [("notifications", "0004_pack_failed")]
    operations = [
        migrations.AlterField("declinedmail", "kind", models.CharField(max_length=32, choices=choices)),
        migrations.AlterField("notification", "kind", models.CharField(max_length=32, choices=choices)),
    ]
