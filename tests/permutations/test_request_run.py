from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from engine import ENGINE_VERSION
from engine.permutations import DEFAULT_LEVERS
from jobs.models import Job, JobState, Part
from lib.errors import Forbidden, Invalid, NotFound
from permutations.models import Run
from permutations.services.request_run import LARGEST_CHUNK, plan_run, request_run
from projects.models import Project, Snapshot, Status
from projects.services import archive_project, create_project, delete_project, edit_project, submit_project
from tests.permutations.cast import SMALL_LEVERS, SMALL_SIZE
from tests.projects.cast import put
from tests.projects.reviewed import approved

pytestmark = pytest.mark.django_db


def problems_of(call: Callable[[], Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        call()
    return {problem.code: problem.message for problem in refused.value.problems}


def test_a_run_freezes_all_that_decides_its_numbers(admin: User, project: Project):
    run = request_run(by=admin, project=project, levers=SMALL_LEVERS, seed=7)
    assert run.snapshot == Snapshot.objects.get(project=project)
    assert (run.state, run.seed, run.engine_version) == (JobState.QUEUED, 7, ENGINE_VERSION)
    assert (run.space_count, run.evaluated_count, run.is_sample) == (SMALL_SIZE, SMALL_SIZE, False)
    assert run.terms["minimum_rating"] == "BBB"
    assert run.objective == "day_one_value"
    assert run.rule_set.label == "agency-value/2"


def test_asking_twice_takes_one_snapshot(admin: User, project: Project):
    runs = [request_run(by=admin, project=project, levers=SMALL_LEVERS) for _ in range(2)]
    assert runs[0].snapshot == runs[1].snapshot


def test_chunks_cover_the_run_once(requested: Callable[..., Run]):
    run = requested()
    bounds = list(run.parts.filter(is_closing=False).values_list("start", "stop"))
    assert [start for start, _ in bounds] == [0, *(stop for _, stop in bounds[:-1])]
    assert bounds[-1][1] == run.evaluated_count
    assert len(bounds) == run.chunk_count


def test_the_default_space_is_cut_into_chunks_that_share_out_and_fit_in_memory():
    plan = plan_run(DEFAULT_LEVERS, 2_000_000)
    assert plan.evaluated == DEFAULT_LEVERS.size >= 900_000
    assert 16 <= plan.chunk_count <= 64
    assert plan.chunk_size <= LARGEST_CHUNK


def test_the_request_is_on_the_audit_trail(admin: User, project: Project):
    run = request_run(by=admin, project=project, levers=SMALL_LEVERS)
    entry = AuditEntry.objects.get(action="run.requested")
    assert (entry.actor, entry.target_code) == (admin, run.code)
    assert entry.after is not None
    assert entry.after["lever_set"] == run.lever_set


def test_a_space_above_the_budget_is_sampled(requested: Callable[..., Run]):
    run = requested(budget=1_000)
    assert (run.evaluated_count, run.space_count, run.is_sample) == (1_000, SMALL_SIZE, True)


def test_or_refused_when_the_whole_space_is_wanted(requested: Callable[..., Run]):
    found = problems_of(lambda: requested(budget=1_000, may_sample=False))
    assert found == {
        "space_above_budget": "The space has 3,456 permutations, the budget allows 1,000: raise it, thin an axis, or sample."
    }


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"levers": {"axes": {"senior_dscr": []}}}, "empty_axis", "choose at least one value"),
        ({"levers": {"axes": {"no_such_axis": [1]}}}, "unknown_axis", "no_such_axis"),
        ({"levers": {"axes": {"senior_dscr": [99]}}}, "out_of_range", "expected 1 to 3, got 99"),
        ({"levers": {"axes": {"senior_dscr": ["x"]}}}, "not_a_number", "expected a number"),
        ({"levers": {"axes": {}, "filters": [{"column": "1; DROP TABLE", "operator": "=", "value": 1}]}}, "unknown_column", "expected a column"),
        ({"levers": {"axes": [1]}}, "not_axes", "expected values by axis"),
        ({"terms": {"minimum_rating": "ZZZ"}}, "not_a_choice", "Minimum rating"),
        ({"budget": 0}, "out_of_range", "Budget: expected a whole number from 1"),
        ({"budget": -5}, "out_of_range", "Budget"),
        ({"seed": -1}, "out_of_range", "Seed"),
        ({"seed": 2**64}, "out_of_range", "Seed"),
    ],
)  # fmt: skip
def test_a_bad_request_is_refused_in_words_and_nothing_is_saved(
    requested: Callable[..., Run], options: dict[str, Any], code: str, words: str
):
    found = problems_of(lambda: requested(**options))
    assert code in found
    assert words in found[code]
    assert not Run.objects.exists()
    assert not Part.objects.exists()


def test_every_problem_is_told_at_once(requested: Callable[..., Run]):
    found = problems_of(lambda: requested(levers={"axes": {"wrong": [1]}}, terms={"discount_rate": 9}, seed=-1))
    assert len(found) >= 2


def test_inputs_that_nobody_approved_cannot_be_run(admin: User, project: Project, sponsor: User):
    other = create_project(by=sponsor, title="Not reviewed", inputs=project.inputs)
    found = problems_of(lambda: request_run(by=admin, project=other, levers=SMALL_LEVERS))
    assert "Submit them for review" in found["not_approved"]
    submit_project(by=sponsor, project=other)
    found = problems_of(lambda: request_run(by=admin, project=other, levers=SMALL_LEVERS))
    assert "Version 1 of them waits for review" in found["not_approved"]


def test_a_run_takes_what_was_approved_and_not_what_was_edited_since(admin: User, project: Project, sponsor: User):
    edited = put(deepcopy(project.inputs), "power.pue", 1.31)
    edit_project(by=sponsor, project=project, title=project.title, inputs=edited, version=project.version)
    before = request_run(by=admin, project=project, levers=SMALL_LEVERS)
    after = request_run(by=admin, project=approved(project, by=admin), levers=SMALL_LEVERS)
    assert (before.snapshot.version, after.snapshot.version) == (1, 2)
    assert after.snapshot.content["power"]["pue"] == 1.31


def test_a_draft_of_approved_inputs_leaves_them_to_be_run(admin: User, project: Project, sponsor: User):
    edit_project(by=sponsor, project=project, title="Half", inputs={"country": "UK"}, version=project.version)
    assert request_run(by=admin, project=project, levers=SMALL_LEVERS).snapshot.version == 1


def test_a_project_put_away_cannot_be_run(admin: User, project: Project):
    archive_project(by=admin, project=project)
    with pytest.raises(Forbidden, match="archived"):
        request_run(by=admin, project=project, levers=SMALL_LEVERS)


def test_only_administrators_run(project: Project, sponsor: User, internal: User, other_sponsor: User):
    for person, refusal in ((sponsor, Forbidden), (internal, Forbidden), (other_sponsor, NotFound)):
        with pytest.raises(refusal):
            request_run(by=person, project=project, levers=SMALL_LEVERS)


def test_redis_away_costs_no_request(admin: User, project: Project, django_capture_on_commit_callbacks: Any):
    with django_capture_on_commit_callbacks(execute=True):
        run = request_run(by=admin, project=project, levers=SMALL_LEVERS)
    assert Run.objects.get(id=run.pk).state == JobState.QUEUED


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.WORKING])
def test_a_project_is_not_deleted_under_a_run(
    requested: Callable[..., Run], project: Project, sponsor: User, signed_in: Callable[[User], Client], state: JobState
) -> None:
    run = requested()
    Job.objects.filter(code=run.code).update(state=state)
    page = signed_in(sponsor).post(reverse("project-delete", args=[project.code]), follow=True).content.decode()
    assert f"A run that {run.requested_by} asked for is {state.label.lower()}: cancel it on its page" in page
    project.refresh_from_db()
    assert project.status == Status.ACTIVE
    Job.objects.filter(code=run.code).update(state=JobState.CANCELLED)
    assert delete_project(by=sponsor, project=project).status == Status.DELETED
