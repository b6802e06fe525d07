from django.db import migrations

from jobs.migrating import TASK_COLUMNS, columns_become_the_jobs

RUN_COLUMNS = (
    *("state", "done_count", "ranked_by", "rank_attempts", "heartbeat_at", "started_at", "stretch_started_at"),
    *("stretch_done_count", "finished_at", "error", "requested_by", "summary", "created_at"),
)


class Migration(migrations.Migration):
    dependencies = [("permutations", "0009_jobs_of_the_rows")]

    operations = [
        migrations.DeleteModel("Chunk"),
        *columns_become_the_jobs("Run", RUN_COLUMNS),
        *columns_become_the_jobs("Impact", TASK_COLUMNS),
        *columns_become_the_jobs("RuleSetTrial", (*TASK_COLUMNS, "requested_by")),
    ]
