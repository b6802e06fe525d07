from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from jobs.migrating import write_jobs


def write(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    packs = apps.get_model("documents", "Pack").objects.select_related("financing__project")
    write_jobs(apps, packs, "pack", _told)


def _told(pack: Any) -> dict[str, Any]:
    return {
        "title": f"{pack.financing.project.title}, Financing {pack.financing.content_hash[:8]}"[:200],
        "requested_by_id": pack.requested_by_id,
        "total_count": max(1, pack.documents.count()),
    }


class Migration(migrations.Migration):
    dependencies = [("documents", "0005_packs_of_a_financing_alone"), ("jobs", "0001_jobs_and_their_parts")]

    operations = [migrations.RunPython(write)]
