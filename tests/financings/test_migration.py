"""What hung on a run and a number hangs on its financing after the migrations: evidence, simulations, issued packs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from engine import ENGINE_VERSION
from engine.terms import StructuringTerms
from financings.models import Financing
from financings.translate import financing_of
from projects.models import Project
from ratings.models import RuleSet
from tests.permutations.conftest import approved_demo

BEFORE = [("permutations", "0006_evidence"), ("documents", "0002_issued_packs_written_once"), ("financings", None)]
AT = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)


def migrated(targets: list[Any]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state([target for target in targets if target[1]]).apps


@pytest.fixture
def then(transactional_db: None) -> Iterator[Any]:
    """The tables as they were before; afterwards as they are."""
    yield migrated(BEFORE)
    now = MigrationExecutor(connection)
    now.migrate(now.loader.graph.leaf_nodes())


@pytest.mark.django_db(transaction=True)
def test_rows_move_with_their_codes_and_times(admin: User, then: Any) -> None:
    project: Project = approved_demo()
    snapshot, rules = project.snapshots.get(), RuleSet.objects.get(pk=RuleSet.objects.order_by("pk")[0].pk)
    levers = {"axes": {"senior_dscr": [1.2, 1.35], "senior_tenor_years": [10, 15]}}
    terms = StructuringTerms.from_dict({}).to_dict()
    run = then.get_model("permutations", "Run").objects.create(
        project_id=project.pk, snapshot_id=snapshot.pk, rule_set_id=rules.pk, lever_set=levers, terms=terms,
        engine_version=ENGINE_VERSION, budget=4, space_size="4", evaluated_count=4, chunk_size=4, chunk_count=1,
        objective="day_one_value", requested_by_id=admin.pk, state="done", finished_at=AT,
    )  # fmt: skip
    said = {"project_id": project.pk, "fact": "uk_law", "state": "shown", "source": "x", "seen_on": date(2025, 1, 1)}
    evidence = then.get_model("permutations", "Evidence").objects
    own = evidence.create(**said, entered_by_id=admin.pk, run=run, permutation_index=3)
    everywhere = evidence.create(**said, entered_by_id=admin.pk)
    simulation = then.get_model("permutations", "Simulation").objects.create(
        run=run, permutation_index=3, terms={"seed": 1}, engine_version="e", path_count=2, requested_by_id=admin.pk
    )
    pack = then.get_model("documents", "Pack").objects.create(
        run=run, permutation_index=3, close_date=date(2027, 1, 31), organisation="House", confidentiality="Private",
        requested_by_id=admin.pk, status="issued", state="done", number="AN-2025-0001",
    )  # fmt: skip
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())

    financing = Financing.objects.get()
    assert financing == financing_of(project, snapshot, rules, terms, {"senior_dscr": 1.35, "senior_tenor_years": 15})
    assert financing.made_by == admin
    moved = {entry.code: entry for entry in project.evidence.all()}
    assert (moved[own.code].financing, moved[own.code].entered_at) == (financing, own.entered_at)
    assert moved[everywhere.code].is_of_project
    assert [each.code for each in financing.simulations.all()] == [simulation.code]
    kept = financing.packs.get()
    assert (kept.code, kept.number) == (pack.code, "AN-2025-0001")
    assert kept.origin == {"run": {"code": str(run.code), "permutation": 3, "finished_at": AT.isoformat()}}
    for table in ("documents_pack", "financings_evidence", "financings_financing"):
        with pytest.raises(DatabaseError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")
