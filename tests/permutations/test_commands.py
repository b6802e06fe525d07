import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from accounts.models import User
from jobs.models import JobState
from jobs.progress import job_progress
from jobs.services.cancel_job import cancel_job
from permutations.models import Run
from permutations.terminal import progress_line
from projects.models import Project
from projects.queries import approved_snapshot
from projects.services import create_project
from tests.permutations.cast import SMALL_LEVERS, empty_queue, redis_process, worker_processes

pytestmark = pytest.mark.django_db


@pytest.fixture
def levers(tmp_path: Path) -> Path:
    path = tmp_path / "levers.json"
    path.write_text(json.dumps(SMALL_LEVERS))
    return path


def said(*arguments: Any) -> str:
    out = StringIO()
    call_command("run_permutations", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_inline_prints_counts_tiers_and_the_best(admin: User, project: Project, levers: Path):
    text = said("--project", project.code, "--levers", levers, "--inline")
    run = Run.objects.get()
    assert f"Run {run.code}: 3,456 of 3,456 permutations" in text
    assert "Alive after Gate A" in text
    assert "Diamond" in text
    best = run.top_results.get(rank=1)
    line = next(line for line in text.splitlines() if line.lstrip().startswith("1 "))
    assert f"{best.metrics['day_one_value']:,.0f}" in line
    assert f"{best.metrics['dscr_minimum']:.2f}x" in line
    assert run.requested_by == admin


def test_a_budget_and_a_seed_make_a_sample(admin: User, project: Project, levers: Path):
    text = said("--project", project.code, "--levers", levers, "--inline", "--budget", 200, "--seed", 9)
    assert "200 of 3,456 permutations" in text
    assert Run.objects.get().seed == 9


def test_inputs_are_approved_on_the_way_where_asked(admin: User, project: Project, sponsor: User, levers: Path):
    other = create_project(by=sponsor, title="Not reviewed", inputs=project.inputs)
    with pytest.raises(CommandError, match="has none yet"):
        said("--project", other.code, "--levers", levers, "--inline")
    with pytest.raises(CommandError, match="Only administrators"):
        said("--project", other.code, "--levers", levers, "--inline", "--approve", "--as", sponsor.email)
    for _ in range(2):
        said("--project", other.code, "--levers", levers, "--inline", "--approve")
    assert [run.snapshot for run in Run.objects.all()] == [approved_snapshot(other)] * 2


def test_a_run_is_resumed_by_its_code(admin: User, project: Project, requested: Callable[..., Run]):
    run = requested()
    cancel_job(by=admin, job=run)
    said("--resume", run.code, "--inline")
    run.refresh_from_db()
    assert run.state == JobState.DONE


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        ("{", "is not JSON: line 1, column 2"),
        ("[1]", "expected an object, got a list"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        ('{"axes": {"no_axis": [1]}}', "no_axis is not an axis"),
        ('{"axes": {"senior_dscr": [0.2]}}', "Senior DSCR: expected 1 to 3, got 0.2"),
        ('{"axes": {"senior_dscr": []}}', "choose at least one value"),
        ('{"axes": {"senior_dscr": [NaN]}}', "expected a number"),
        ('{"lever": {}}', "lever is not part of a lever set"),
    ],
)
def test_a_bad_lever_file_is_refused_in_words(
    admin: User, project: Project, tmp_path: Path, content: str | bytes | None, words: str
):
    path = tmp_path / "levers.json"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CommandError, match=words.replace("(", r"\(")):
        said("--project", project.code, "--levers", path, "--inline")
    assert not Run.objects.exists()


@pytest.mark.parametrize("code", ["5f0c5b5e-0b0a-4a57-9d3e-3f1b7c1f5d10", "not-a-code"])
def test_an_unknown_project_or_run_is_refused_in_words(admin: User, code: str):
    with pytest.raises(CommandError, match="no such project"):
        said("--project", code, "--inline")
    with pytest.raises(CommandError, match=r"There is no run|expected a UUID"):
        said("--resume", code, "--inline")


def test_somebody_must_stand_for_the_run(project: Project, admin: User, sponsor: User):
    admin.is_active = False
    admin.save()
    with pytest.raises(CommandError, match="no administrator"):
        said("--project", project.code, "--inline")
    with pytest.raises(CommandError, match="nobody with the e-mail"):
        said("--project", project.code, "--inline", "--as", "who@no.where")
    with pytest.raises(CommandError, match="Only administrators"):
        said("--project", project.code, "--inline", "--as", sponsor.email)


@pytest.mark.django_db(transaction=True)
def test_the_exit_code_tells(admin: User, project: Project):
    environment = {**os.environ, "ATLASNEXUS_TEST_DATABASE": str(connection.settings_dict["NAME"])}
    command = [sys.executable, "manage.py", "run_permutations", "--project", str(project.code), "--inline"]
    told = subprocess.run(
        [*command, "--levers", "nowhere.json"], env=environment, capture_output=True, check=False, text=True
    )
    assert told.returncode == 1
    assert "nowhere.json" in told.stderr


@pytest.mark.django_db(transaction=True)
def test_the_queue_does_what_inline_does(admin: User, project: Project, levers: Path):
    with redis_process():
        empty_queue()
        with worker_processes(1):
            text = said("--project", project.code, "--levers", levers)
    assert Run.objects.get().state == JobState.DONE
    assert "Alive after Gate B" in text


def test_a_line_of_progress_says_how_far_and_how_fast(requested: Callable[..., Run]):
    told = job_progress(requested())
    told.update(done_ratio=0.5, done_count=1_728, rate_per_second=1_000.0, seconds_left=1.7, state_label="Evaluating")
    assert progress_line(told) == (
        "[############............]  50% 1,728  Gate A 0  Gate B 0  1,000/s  2 s left  evaluating"
    )
