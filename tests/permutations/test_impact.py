"""What a change request does to the best structures: the same figures as a run of the changed inputs gives."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from engine.permutations import COLUMNS, REASONS
from jobs.models import Job, JobState
from jobs.queue import queued_entries
from jobs.recovery import recover
from jobs.work import work
from jobs.workers import stale_before
from notifications.models import Notification
from permutations.forms import RunForm
from permutations.impact import FIGURES, measure_impact
from permutations.models import Impact, Run
from permutations.queries import impact_to_show
from permutations.results import rows_of
from permutations.services.request_impact import request_impact
from permutations.services.request_run import request_run
from projects.models import Project, Submission
from projects.queries import pending_submission
from projects.services import approve_submission, edit_project
from tests.jobs.cast import in_hands
from tests.permutations.cast import SMALL_LEVERS, empty_queue
from tests.projects.cast import put

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


def changed(project: Project, by: User, **changes: Any) -> Submission:
    """The change request that somebody's edit makes; paths are written with __ for the dot."""
    project.refresh_from_db()
    inputs = deepcopy(project.inputs)
    for path, value in changes.items():
        put(inputs, path.replace("__", "."), value)
    edit_project(by=by, project=project, title=project.title, inputs=inputs, version=project.version)
    request = pending_submission(project)
    assert request is not None
    return request


@pytest.fixture
def lower_rent(done: Run, project: Project, sponsor: User) -> Submission:
    """Sofia asks for a tenth less rent after the project was run."""
    rent = project.inputs["revenue"]["rent_amount"]
    return changed(project, sponsor, revenue__rent_amount=0.9 * rent)


@pytest.fixture
def never_run(project: Project) -> Project:
    """The project before anybody ran it."""
    Run.objects.all().delete()
    return project


@pytest.fixture
def known(lower_rent: Submission) -> Impact:
    """Its impact, worked out in this process."""
    impact = Impact.objects.get()
    assert work(impact.code)
    impact.refresh_from_db()
    assert impact.state == JobState.DONE, impact.error
    return impact


def test_it_agrees_with_a_run_of_the_changed_inputs(known: Impact, admin: User, done: Run, project: Project):
    approve_submission(by=admin, submission=known.submission)
    fresh = request_run(by=admin, project=project, levers=SMALL_LEVERS, enqueue=False)
    work(fresh.code)
    indices = list(done.top_results.values_list("permutation_index", flat=True))
    old, new = rows_of(done, indices), rows_of(fresh, indices)
    summary = known.summary
    passed_old, passed_new = ({i for i in indices if rows[i]["gate"] == 2} for rows in (old, new))
    assert summary["count"] == len(indices) > 400
    assert (summary["passed_before"], summary["passed_after"]) == (len(passed_old), len(passed_new))
    assert 0 < len(passed_new) < len(passed_old), "the case tells nothing where all pass or none does"
    assert Counter(summary["reasons"]) == Counter(REASONS[new[i]["reason"]] for i in passed_old - passed_new)
    moves = Counter((old[i]["rating_notch"], new[i]["rating_notch"] if i in passed_new else None) for i in passed_old)
    assert {(was, now): count for was, now, count in summary["ratings"]} == moves
    for pair in summary["top"]:
        for side, rows in (("before", old), ("after", new)):
            row = rows[pair[side]["index"]]
            assert pair[side]["figures"] == {name: row[name] for name in pair[side]["figures"]}
    for median in summary["medians"]:
        name = median["name"]
        both = [i for i in passed_old & passed_new if old[i][name] is not None and new[i][name] is not None]
        assert median["count"] == len(both)
        if both:
            expected = float(np.median([new[i][name] - old[i][name] for i in both]))
            assert median["change"] == pytest.approx(expected, rel=1e-12, abs=1e-12)
    best = max(passed_new, key=lambda i: (new[i]["stress_passed"], new[i]["day_one_value"]))
    assert summary["best"]["after"]["figures"]["day_one_value"] == new[best]["day_one_value"]


def test_before_is_what_the_run_found(known: Impact, done: Run):
    top = list(done.top_results.order_by("rank")[:20])
    rows = known.summary["top"]
    assert [pair["before"]["index"] for pair in rows] == [result.permutation_index for result in top]
    assert [pair["before"]["rank"] for pair in rows] == list(range(1, 21))
    assert (
        known.summary["best"]["before"]["figures"]["day_one_value"] == done.summary["best"]["metrics"]["day_one_value"]
    )


def test_the_same_inputs_move_nothing(done: Run):
    content = done.snapshot.content
    summary = measure_impact(done, content, content)
    assert summary["passed_before"] == summary["passed_after"] == summary["passed_both"]
    assert all(pair["before"] == pair["after"] for pair in summary["top"])
    assert all(was == now for was, now, _ in summary["ratings"])
    assert {median["change"] for median in summary["medians"]} <= {0.0, None}
    assert summary["reasons"] == {}


def test_nothing_may_be_left(done: Run):
    ruined = put(deepcopy(done.snapshot.content), "revenue.rent_amount", 1.0)
    summary = measure_impact(done, done.snapshot.content, ruined)
    assert summary["passed_after"] == 0
    assert summary["best"]["after"] is None
    assert sum(summary["reasons"].values()) == summary["passed_before"]
    assert {median["count"] for median in summary["medians"]} == {0}
    assert set(FIGURES) <= COLUMNS.keys()


def test_a_change_request_has_it_worked_out_and_a_first_submission_has_none(
    project: Project, sponsor: User, done: Run, lower_rent: Submission
):
    impact = Impact.objects.get()
    assert (impact.submission, impact.run, impact.state) == (lower_rent, done, JobState.QUEUED)
    first = project.submissions.order_by("pk").first()
    assert first is not None
    assert request_impact(by=sponsor, submission=first) is None


def test_without_a_finished_run_there_is_nothing_to_look_at(never_run: Project, sponsor: User):
    request = changed(never_run, sponsor, power__pue=1.31)
    assert not Impact.objects.exists()
    assert impact_to_show(request) is None


def test_it_is_worked_out_once(known: Impact, sponsor: User, lower_rent: Submission):
    assert not work(known.code)
    assert request_impact(by=sponsor, submission=lower_rent) == known
    assert Impact.objects.get().state == JobState.DONE
    assert AuditEntry.objects.filter(action="impact.requested").count() == 1


def test_a_lost_worker_costs_nothing(lower_rent: Submission):
    impact = Impact.objects.get()
    in_hands(impact)
    assert recover().parts_freed == 0
    in_hands(impact, heard_at=stale_before() - timedelta(seconds=1))
    assert recover().parts_freed == 1
    assert work(Impact.objects.get().code)


def test_one_that_keeps_losing_workers_is_given_up_and_can_be_asked_for_again(lower_rent: Submission, sponsor: User):
    long_ago = timezone.now() - timedelta(hours=1)
    in_hands(Impact.objects.get(), heard_at=long_ago, attempts=3)
    recover()
    impact = Impact.objects.get()
    assert (impact.state, impact.error) == (JobState.FAILED, "The job lost its worker 3 times.")
    again = request_impact(by=sponsor, submission=lower_rent)
    assert again is not None
    assert (again.pk, again.state, again.parts.get().attempts) == (impact.pk, JobState.QUEUED, 0)


def test_a_failure_says_why(lower_rent: Submission, done: Run):
    # Rows that no longer read are what a later engine may make of them.
    Run.objects.filter(id=done.pk).update(terms={"no_such_term": 1})
    impact = Impact.objects.get()
    work(impact.code)
    impact.refresh_from_db()
    assert impact.state == JobState.FAILED
    assert "no_such_term" in impact.error


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_got_lost_is_queued_again(redis_queue: Any, lower_rent: Submission):
    impact = Impact.objects.get()
    assert queued_entries(impact) == 1
    empty_queue()
    assert recover().entries == 0, "its own request may still be on the way"
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    assert recover().entries == 1
    assert recover().entries == 0
    assert queued_entries(impact) == 1


# Pages


def test_the_fragment_says_how_far_it_is(
    lower_rent: Submission, sponsor: User, internal: User, signed_in: SignedIn, done: Run
):
    url, hx = reverse("submission-impact", args=[lower_rent.code]), {"HX-Request": "true"}
    page = signed_in(sponsor).get(url, headers=hx).content.decode()
    assert 'data-impact="queued"' in page
    assert "<html" not in page
    work(Impact.objects.get().code)
    for person in (sponsor, internal):
        page = signed_in(person).get(url, headers=hx).content.decode()
        assert 'data-impact="done"' in page
        assert f'data-index="{done.summary["best"]["index"]}"' in page
        assert "hx-trigger" not in page
    whole = signed_in(sponsor).get(url).content.decode()
    assert "<html" in whole
    assert "Ratings" in whole


def test_it_is_asked_for_where_a_run_came_later(never_run: Project, sponsor: User, signed_in: SignedIn, requested: Any):
    request = changed(never_run, sponsor, power__pue=1.31)
    work(requested().code)
    client, url = signed_in(sponsor), reverse("submission-impact", args=[request.code])
    assert "Work it out" in client.get(url).content.decode()
    assert client.post(url).headers["Location"] == url
    assert Impact.objects.get().submission == request


# Running again


def test_approval_offers_to_run_again_as_before(known: Impact, admin: User, signed_in: SignedIn, done: Run):
    approve_submission(by=admin, submission=known.submission)
    told = Notification.objects.filter(person=admin, title__contains="run again with version 2").get()
    page = signed_in(admin).get(told.url).content.decode()
    assert 'data-snapshot="2"' in page
    assert "which worked on version 1" in page


def test_a_run_is_filled_in_as_an_earlier_one(requested: Callable[..., Run]):
    filters = [{"column": "dscr_minimum", "operator": ">=", "value": 1.2}]
    run = requested(
        levers={**SMALL_LEVERS, "filters": filters},
        terms={"objective": "senior_raise", "discount_rate": 0.0825},
        budget=1_234,
        seed=77,
    )
    form = RunForm.from_run(run)
    assert form.is_valid, form.problems
    assert form.levers is not None
    assert form.terms is not None
    assert form.levers.to_dict() == run.lever_set
    assert form.terms.to_dict() == run.terms
    assert (form.budget, form.seed) == (1_234, 77)


@pytest.mark.parametrize("code", ["nonsense", "00000000-0000-4000-8000-000000000000", "\x00", ""])
def test_an_earlier_run_that_is_not_there_is_the_preset(code: str, admin: User, project: Project, signed_in: SignedIn):
    response = signed_in(admin).get(reverse("run-new", args=[project.code]), {"from": code})
    assert response.status_code == 200
    assert "Filled in as" not in response.content.decode()


def test_the_run_form_warns_of_a_change_that_waits(lower_rent: Submission, admin: User, signed_in: SignedIn):
    page = signed_in(admin).get(reverse("run-new", args=[lower_rent.project.code])).content.decode()
    assert 'data-snapshot="1"' in page
    assert "A change request waits for review" in page
