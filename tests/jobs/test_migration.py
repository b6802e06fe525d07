"""A database of before there were jobs and financings keeps its runs, chunks, simulations, evidence, trials and packs."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.old_rows import BEFORE, STATES

pytestmark = pytest.mark.slow

# Each step is a process of its own, as an update is.
STEP = (
    "import django; django.setup(); from django.core.management import call_command;"
    "[call_command('migrate', *target, verbosity=0) for target in {targets}];"
    "from tests.jobs.{rows} import main; main()"
)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the rooms read of an old database once it is migrated."""
    folder = tmp_path_factory.mktemp("old")
    database = f"sqlite:///{folder}/old.sqlite3"
    environment = {**os.environ, "ATLASNEXUS_DATA_DIR": str(folder), "DATABASE_URL": database}
    environment["DJANGO_SETTINGS_MODULE"] = "atlasnexus.settings"

    def run(rows: str, targets: Sequence[tuple[str, ...]]) -> str:
        code = STEP.format(targets=list(targets), rows=rows)
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2_000:]
        return done.stdout

    run("old_rows", BEFORE)
    found: dict[str, Any] = json.loads(run("new_rows", [()]).splitlines()[-1])
    assert Path(folder, "old.sqlite3").exists()
    return found


def of_kind(migrated: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [job for job in migrated["jobs"] if job["kind"] == kind]


def test_a_run_keeps_its_number_state_chunks_and_answer(migrated: dict[str, Any]):
    runs = of_kind(migrated, "run")
    now = {"evaluating": "working", "ranking": "working"}
    assert [run["state"] for run in runs] == [now.get(state, state) for state in STATES]
    assert [run["summary"]["was"] for run in runs] == list(STATES)
    assert [run["id"] for run in runs] == list(range(1, len(STATES) + 1))
    chunks = [[0, False, "done", "", 0, {"near_misses": 1}], [1, False, "claimed", "host:2:2", 1, {}]]
    assert all(run["parts"][:2] == chunks for run in runs)
    assert all((run["title"], run["done_count"], run["total_count"], run["by"]) == ("Campus", 5, 10, "ada@house.example") for run in runs)  # fmt: skip
    closing = {run["summary"]["was"]: run["parts"][2] for run in runs}
    assert closing["queued"] == [2, True, "pending", "", 2, {}]
    assert closing["ranking"] == [2, True, "claimed", "host:1:1", 2, {}]
    assert closing["done"] == [2, True, "done", "", 2, {}]


def test_a_simulation_under_way_stays_with_its_worker(migrated: dict[str, Any]):
    [simulation] = of_kind(migrated, "simulation")
    assert (simulation["state"], simulation["done_count"], simulation["total_count"]) == ("working", 40, 100)
    assert simulation["parts"] == [[0, True, "claimed", "host:3:3", 2, {}]]
    assert simulation["title"].startswith("Campus, Financing ")


def test_a_trial_keeps_its_answer(migrated: dict[str, Any]):
    [trial] = of_kind(migrated, "trial")
    assert (trial["state"], trial["summary"], trial["done_count"]) == ("done", {"compared": 7}, 1)


def test_packs_keep_their_documents_and_an_issued_one_is_still_written_once(migrated: dict[str, Any]):
    assert {pack["state"] for pack in of_kind(migrated, "pack")} == {"done", "failed"}
    assert migrated["issued"] == "why, 1 document, documents_pack rows are written once"


def test_what_hung_on_run_and_number_hangs_on_a_financing(migrated: dict[str, Any]):
    third, fourth = migrated["financings"]  # permutation 3 is the last of a space of four
    assert (third["choice"]["senior_dscr"], third["choice"]["senior_tenor_years"]) == (1.35, 15)
    assert (fourth["choice"]["senior_dscr"], fourth["choice"]["senior_tenor_years"]) == (1.2, 10)
    assert (third["simulations"], third["evidence"], third["origins"]) == (1, 1, [3])
    assert (third["by"], third["engine_version"]) == ("ada@house.example", "1")
    assert fourth["origins"] == [4]
    assert migrated["evidence"] == [str(third["id"]), ""]


def test_no_row_refers_to_one_that_is_gone(migrated: dict[str, Any]):
    assert migrated["broken"] == []
