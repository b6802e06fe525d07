from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from lib.text import has_unprintable, without_unprintable


def clean_titles(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Control characters that a form once kept in a title become spaces; a workbook could not hold them."""
    projects = apps.get_model("projects", "Project").objects.using(editor.connection.alias)
    for pk, title in projects.values_list("pk", "title").iterator():
        if has_unprintable(title):
            projects.filter(pk=pk).update(title=without_unprintable(title).strip() or "Untitled")


class Migration(migrations.Migration):
    dependencies = [("projects", "0009_asset_classes")]

    operations = [migrations.RunPython(clean_titles, migrations.RunPython.noop)]
