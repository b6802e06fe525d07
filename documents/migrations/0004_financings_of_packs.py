from datetime import UTC

from django.db import migrations

from permutations.migrations._financings import financing_of


def name_financings(apps, schema_editor):
    """Each pack gets the financing that its permutation is; its manifest goes on saying run and number, and no more."""
    packs = apps.get_model("documents", "Pack").objects
    for pack in packs.select_related("run__project", "run__snapshot", "run__rule_set").iterator():
        finished = (pack.run.finished_at or pack.run.created_at).astimezone(UTC).isoformat()
        said = {"code": str(pack.run.code), "permutation": pack.permutation_index, "finished_at": finished}
        financing = financing_of(apps, pack.run, pack.permutation_index)
        packs.filter(pk=pack.pk).update(financing=financing, origin={"run": said})


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0003_packs_name_a_financing"),
        ("permutations", "0008_evidence_and_simulations_moved"),
    ]
    run_before = [("permutations", "0009_jobs_of_the_rows")]

    operations = [migrations.RunPython(name_financings, migrations.RunPython.noop)]
