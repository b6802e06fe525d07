from django.db import migrations

from permutations.migrations._financings import financing_of

SHARED = ("code", "project_id", "fact", "state", "symbol", "source", "seen_on", "entered_by_id", "entered_at")
OF_A_JOB = (
    "code", "state", "claimed_by", "heartbeat_at", "attempts", "summary", "error", "created_at", "finished_at", "terms",
    "engine_version", "paths_done", "path_count", "requested_by_id",
)  # fmt: skip


def copy_rows(apps, schema_editor):
    """Evidence and simulations as rows of financings, in their order, with their codes and their times."""
    _copy(apps, "Evidence", "entered_at", SHARED)
    _copy(apps, "Simulation", "created_at", OF_A_JOB)


def _copy(apps, name, stamped, fields):
    old, new = apps.get_model("permutations", name), apps.get_model("financings", name)
    new._meta.get_field(stamped).auto_now_add = False
    related = ("run__project", "run__snapshot", "run__rule_set")
    for row in old.objects.select_related(*related).order_by("pk").iterator():
        financing = financing_of(apps, row.run, row.permutation_index) if row.run_id else None
        new.objects.create(financing=financing, **{field: getattr(row, field) for field in fields})


class Migration(migrations.Migration):
    dependencies = [("permutations", "0006_evidence"), ("financings", "0002_written_once")]
    run_before = [("financings", "0003_jobs_of_simulations")]

    operations = [migrations.RunPython(copy_rows, migrations.RunPython.noop)]
