from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from jobs.migrating import write_jobs


def write(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    simulations = apps.get_model("financings", "Simulation").objects.select_related("financing__project")
    write_jobs(apps, simulations, "simulation", _told)


def _told(row: Any) -> dict[str, Any]:
    return {
        "title": f"{row.financing.project.title}, Financing {row.financing.content_hash[:8]}"[:200],
        "requested_by_id": row.requested_by_id,
        "total_count": row.path_count,
        "done_count": row.paths_done,
    }


class Migration(migrations.Migration):
    dependencies = [("financings", "0002_written_once"), ("jobs", "0001_jobs_and_their_parts")]

    operations = [migrations.RunPython(write)]
