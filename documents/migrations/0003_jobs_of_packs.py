from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from jobs.migrating import write_jobs


def write(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    packs = apps.get_model("documents", "Pack").objects.select_related("run__project")
    write_jobs(apps, packs, "pack", _told)


def _told(pack: Any) -> dict[str, Any]:
    return {
        "title": f"{pack.run.project.title}, permutation {pack.permutation_index:,}"[:200],
        "requested_by_id": pack.requested_by_id,
        "total_count": max(1, pack.documents.count()),
    }


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0002_issued_packs_written_once"),
        ("jobs", "0001_jobs_and_their_parts"),
        ("permutations", "0007_jobs_of_the_rows"),
    ]

    operations = [migrations.RunPython(write)]
