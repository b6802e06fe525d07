from django.db import migrations


def forget(apps, schema_editor):
    """Answers kept before they were sealed cannot be read now; a request sent again is simply done."""
    apps.get_model("api", "KeptAnswer").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("api", "0002_webhooks")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop, elidable=True)]
