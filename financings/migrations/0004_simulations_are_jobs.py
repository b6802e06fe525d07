from django.db import migrations

from jobs.migrating import TASK_COLUMNS, columns_become_the_jobs


class Migration(migrations.Migration):
    dependencies = [("financings", "0003_jobs_of_simulations")]

    operations = columns_become_the_jobs("Simulation", (*TASK_COLUMNS, "paths_done", "path_count", "requested_by"))
