from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from projects.noughts import without_old_noughts


def empty_old_noughts(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """A stored 0 beside what it follows from was an empty field: it is left out, so that the amount follows still."""
    projects = apps.get_model("projects", "Project").objects.using(editor.connection.alias)
    for pk, inputs in projects.values_list("pk", "inputs").iterator():
        if (kept := without_old_noughts(inputs)) != inputs:
            projects.filter(pk=pk).update(inputs=kept)


class Migration(migrations.Migration):
    dependencies = [("projects", "0010_titles_of_one_line")]

    operations = [
        migrations.AddField("snapshot", "nought_holds", models.BooleanField(editable=False, null=True)),
        migrations.RunPython(empty_old_noughts, migrations.RunPython.noop),
    ]
