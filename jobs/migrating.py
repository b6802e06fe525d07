"""How the rows of a kind that had its state in its own table become jobs: the rows first, the columns after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState, StateApps

BATCH_SIZE = 500
# What each kind of one part kept in its own row.
TASK_COLUMNS = ("state", "claimed_by", "heartbeat_at", "attempts", "summary", "error", "created_at", "finished_at")
PART_STATES = {"done": "done", "working": "claimed", "ranking": "claimed"}


class BeginWithTheJob(Operation):
    """From here on the model's class has the Job as its parent; nothing of the database changes."""

    reversible = False

    def __init__(self, name: str) -> None:
        self.name = name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        model = state.models[app_label, self.name.lower()]
        model.bases = ("jobs.job",)
        state.reload_model(app_label, self.name.lower(), delay=False)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Nothing: the parent's row is there already."""

    def describe(self) -> str:
        return f"Make {self.name} a kind of job"


def columns_become_the_jobs(name: str, columns: Iterable[str]) -> list[Operation]:
    """The steps that take `columns` from a model's table, now that its jobs have them, and tie each row to its job."""
    tie = models.OneToOneField("jobs.Job", on_delete=models.CASCADE, parent_link=True, related_name="+", editable=False)
    return [
        *(migrations.RemoveField(name, column) for column in columns),
        migrations.RenameField(name, "code", "job"),
        migrations.AlterField(name, "job", tie),
        BeginWithTheJob(name),
    ]


def write_jobs(apps: StateApps, rows: Iterable[Any], kind: str, told: Callable[[Any], dict[str, Any]]) -> None:
    """A job and its one part for each row of a kind; `told` gives title, requested_by_id and what differs of a row."""
    jobs, parts = [], []
    job_model, part_model = apps.get_model("jobs", "Job"), apps.get_model("jobs", "Part")
    for row in rows:
        shared = {
            name: getattr(row, name)
            for name in ("state", "heartbeat_at", "summary", "error", "created_at", "finished_at")
        }
        job = job_model(code=row.code, kind=kind, **{**shared, **told(row)})
        if job.state == "done":
            job.done_count = job.total_count
        jobs.append(job)
        parts.append(
            part_model(
                job_id=row.code,
                number=0,
                start=0,
                stop=job.total_count,
                is_closing=True,
                state=PART_STATES.get(row.state, "pending"),
                claimed_by=row.claimed_by,
                heartbeat_at=row.heartbeat_at,
                attempts=row.attempts,
            )
        )
    keep(job_model, jobs)
    keep(part_model, parts)


def keep(model: Any, rows: Sequence[Any]) -> None:
    """Nothing; the rows are written."""
    model.objects.bulk_create(rows, batch_size=BATCH_SIZE)
