from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from jobs.migrating import PART_STATES, keep, write_jobs

RUN_STATES = {"evaluating": "working", "ranking": "working"}


def write(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    runs = apps.get_model("permutations", "Run").objects.select_related("project")
    for run in runs.order_by("pk").iterator():
        _write_run(apps, run)
    impacts = apps.get_model("permutations", "Impact").objects.select_related("submission__project")
    write_jobs(
        apps,
        impacts,
        "impact",
        lambda row: {"title": row.submission.project.title[:200], "requested_by_id": row.submission.submitted_by_id},
    )
    trials = apps.get_model("permutations", "RuleSetTrial").objects.select_related("rule_set", "run__project")
    write_jobs(
        apps,
        trials,
        "trial",
        lambda row: {
            "title": f"Version {row.rule_set.version} on {row.run.project.title}"[:200],
            "requested_by_id": row.requested_by_id,
        },
    )


def _write_run(apps: StateApps, run: Any) -> None:
    apps.get_model("jobs", "Job").objects.create(
        code=run.code,
        kind="run",
        title=run.project.title[:200],
        requested_by_id=run.requested_by_id,
        state=RUN_STATES.get(run.state, run.state),
        total_count=run.evaluated_count,
        done_count=run.done_count,
        heartbeat_at=run.heartbeat_at,
        started_at=run.started_at,
        resumed_at=run.stretch_started_at,
        resumed_done_count=run.stretch_done_count,
        finished_at=run.finished_at,
        summary=run.summary,
        error=run.error,
        created_at=run.created_at,
    )
    part = apps.get_model("jobs", "Part")
    copied = ("number", "start", "stop", "state", "claimed_by", "heartbeat_at", "attempts", "counts")
    keep(
        part,
        [
            part(job_id=run.code, **{name: getattr(each, name) for name in copied})
            for each in run.chunks.order_by("number")
        ],
    )
    part.objects.create(
        job_id=run.code,
        number=run.chunk_count,
        start=run.evaluated_count,
        stop=run.evaluated_count,
        is_closing=True,
        state=PART_STATES.get(run.state, "pending"),
        claimed_by=run.ranked_by if run.state == "ranking" else "",
        heartbeat_at=run.heartbeat_at,
        attempts=run.rank_attempts,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("permutations", "0008_evidence_and_simulations_moved"),
        ("jobs", "0001_jobs_and_their_parts"),
        ("projects", "0009_asset_classes"),
        ("ratings", "0005_asset_classes_as_data"),
    ]

    operations = [migrations.RunPython(write)]
