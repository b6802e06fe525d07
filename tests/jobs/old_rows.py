"""Run by `test_migration` on a database of before there were jobs: rows of each kind in each state, as they were kept."""

from datetime import date

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

STATES = ("queued", "evaluating", "ranking", "done", "failed", "cancelled")
LEVERS = {"axes": {"senior_dscr": [1.2, 1.35], "senior_tenor_years": [10, 15]}}
BEFORE = [("documents", "0002_issued_packs_written_once"), ("permutations", "0006_evidence")]


def main() -> None:
    apps = MigrationExecutor(connection).loader.project_state(BEFORE).apps
    person = apps.get_model("accounts", "User").objects.create(email="ada@house.example", role="admin")
    project = apps.get_model("projects", "Project").objects.create(title="Campus", owner=person, inputs={}, version=1)
    snapshot = apps.get_model("projects", "Snapshot").objects.create(
        project=project, version=1, content={}, content_hash="x", created_by=person
    )
    rules = apps.get_model("ratings", "RuleSet").objects.create(
        version=1, content={}, content_hash="y", effective_from=date(2026, 1, 1)
    )
    run_model, chunk = apps.get_model("permutations", "Run"), apps.get_model("permutations", "Chunk")
    for state in STATES:
        run = run_model.objects.create(
            project=project, snapshot=snapshot, rule_set=rules, lever_set=LEVERS, terms={}, engine_version="1", budget=10,
            space_size="10", evaluated_count=10, objective="day_one_value", state=state, chunk_size=5, chunk_count=2,
            chunks_done=1, done_count=5, requested_by=person, summary={"was": state},
            ranked_by="host:1:1" if state == "ranking" else "", rank_attempts=2,
        )  # fmt: skip
        chunk.objects.create(run=run, number=0, start=0, stop=5, state="done", counts={"near_misses": 1})
        chunk.objects.create(run=run, number=1, start=5, stop=10, state="claimed", claimed_by="host:2:2", attempts=1)
    apps.get_model("permutations", "Simulation").objects.create(
        run=run, permutation_index=3, terms={}, engine_version="1", path_count=100, paths_done=40, requested_by=person,
        state="working", claimed_by="host:3:3", attempts=2,
    )  # fmt: skip
    said = {"project": project, "fact": "uk_law", "state": "shown", "source": "x", "seen_on": date(2025, 1, 1)}
    evidence = apps.get_model("permutations", "Evidence").objects
    evidence.create(**said, entered_by=person, run=run, permutation_index=3)
    evidence.create(**said, entered_by=person)
    apps.get_model("permutations", "RuleSetTrial").objects.create(
        rule_set=rules, run=run, content_hash="y", requested_by=person, state="done", summary={"compared": 7}
    )
    terms = {"run": run, "close_date": date(2027, 1, 1), "organisation": "O", "confidentiality": "C"}
    packs = apps.get_model("documents", "Pack").objects
    issued = packs.create(
        **terms, permutation_index=3, requested_by=person, status="issued", state="done", number="A-1"
    )
    packs.create(**terms, permutation_index=4, requested_by=person, state="failed", error="why", supersedes=issued)
    apps.get_model("documents", "PackDocument").objects.create(
        pack=issued, position=1, kind="contents", title="Contents", filename="contents.pdf"
    )
