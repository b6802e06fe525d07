"""Every kind of job by the same rules: who sees it, who stops it, how many one may have, and what stays of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from financings.models import Simulation
from financings.services.request_simulation import request_simulation
from jobs import queue, registry
from jobs import work as working
from jobs.claims import begin, claim_part, queue_again
from jobs.models import Job, JobState, Part, PartState
from jobs.queue import work_on
from jobs.recovery import Recovery, recover
from jobs.registry import Answer, Kind, kind_of, kinds
from jobs.services.cancel_job import cancel_job
from jobs.work import Held, work
from lib.errors import Forbidden, Invalid
from permutations.models import Run
from permutations.services.request_run import request_run
from tests.financings.cast import opened
from tests.jobs.cast import in_hands
from tests.permutations.cast import SMALL_LEVERS, fingerprints

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User], Client]


@pytest.fixture
def simulation(sponsor: User, done: Run) -> Simulation:
    """Sofia's simulation, waiting."""
    return request_simulation(by=sponsor, financing=opened(done, 0), terms={"paths": 100}, enqueue=False)


@pytest.fixture
def other_work(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any, Held], Answer]], None]:
    """`other_work(function)`: simulations do this instead."""

    def put(function: Callable[[Any, Held], Answer]) -> None:
        kind = registry.kind_named("simulation")
        values = {name: getattr(kind, name) for name in kind.__slots__}
        monkeypatch.setitem(registry._kinds, "simulation", Kind(**{**values, "work": function}))

    return put


def test_every_kind_is_complete():
    assert {kind.name for kind in kinds()} == {
        "run", "impact", "simulation", "trial", "pack", "search", "pool_simulation", "reconciliation", "notes_run",
        "strategy_run", "cause_learning", "break_pack", "notes_pack", "delivery",
    }  # fmt: skip
    from django.conf import settings

    for kind in kinds():
        assert kind.queue in settings.RQ_QUEUES
        assert kind.label
        assert kind.most_active is None or kind.most_active > 0


def test_jobs_and_their_parts_are_named_in_words(simulation: Simulation):
    words = r"Simulation of \d{1,2} \w{3} \d{4}, \d\d:\d\d:\d\d \(queued\)"
    assert re.fullmatch(words, str(simulation))
    assert re.fullmatch(f"Part 1 of {words}", str(Part.objects.get(job=simulation.code)))


def test_whatever_names_its_engine_is_of_that_engine_whole():
    """Asked of the kinds themselves: nobody has to remember it for a new one."""
    assert {kind.name for kind in kinds() if kind.is_of_one_engine} == {
        "run", "impact", "simulation", "search", "pool_simulation", "reconciliation", "notes_run", "strategy_run",
        "cause_learning",
    }  # fmt: skip


def test_an_engine_of_another_version_adds_nothing(simulation: Simulation, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(working, "ENGINE_VERSION", "another")
    work(simulation.code)
    simulation.refresh_from_db()
    assert simulation.state == JobState.FAILED
    assert "ask for it anew" in simulation.error
    assert not Part.objects.filter(job=simulation, state=PartState.DONE).exists()


def test_a_job_run_twice_is_done_once(simulation: Simulation, other_work: Any):
    calls = []

    def once(job: Simulation, held: Held) -> Answer:
        calls.append(job.code)
        return {"found": 1}

    other_work(once)
    assert work(simulation.code) == 1
    row = Job.objects.values().get(code=simulation.code)
    assert work(simulation.code) == 0
    assert Job.objects.values().get(code=simulation.code) == row
    assert (row["state"], row["summary"], calls) == (JobState.DONE, {"found": 1}, [simulation.code])


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_locked_for_a_while_costs_time_and_nothing_else(
    simulation: Simulation, other_work: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(working, "PAUSES", (0.0, 0.0, 0.0))
    faults, refusals = [OperationalError("database is locked"), InterfaceError("connection already closed")], [1, 1, 1]

    def locked(job: Simulation, held: Held) -> Answer:
        if faults:
            raise faults.pop()
        return {"found": 1}

    def refuse(execute: Any, sql: str, *given: Any) -> Any:
        if sql.startswith("UPDATE") and refusals:
            refusals.pop()
            raise OperationalError("database is locked")
        return execute(sql, *given)

    other_work(locked)
    with connection.execute_wrapper(refuse):
        assert work(simulation.code) == 1
    assert not faults
    assert not refusals
    assert Job.objects.get(code=simulation.code).state == JobState.DONE
    assert Part.objects.get(job=simulation.code).attempts == 1


@pytest.mark.django_db(transaction=True)
def test_the_entry_of_a_queue_may_come_twice(simulation: Simulation, other_work: Any):
    other_work(lambda job, held: {})
    assert [work_on(str(simulation.code)), work_on(str(simulation.code))] == [1, 0]


def test_one_that_waits_is_cancelled_at_once(simulation: Simulation, sponsor: User):
    cancel_job(by=sponsor, job=simulation)
    assert work(simulation.code) == 0
    assert Job.objects.get(code=simulation.code).state == JobState.CANCELLED
    assert AuditEntry.objects.get(action="simulation.cancelled").actor == sponsor
    with pytest.raises(Invalid, match="nothing to cancel"):
        cancel_job(by=sponsor, job=simulation)


def test_one_under_way_stops_at_its_next_sign_of_life(
    simulation: Simulation, sponsor: User, other_work: Any, signed_in: SignedIn
):
    seen: list[str] = []

    def cancelled_meanwhile(job: Simulation, held: Held) -> Answer:
        held.report(10)
        cancel_job(by=sponsor, job=job)
        seen.append(signed_in(sponsor).get(reverse("job-status", args=[job.code])).json()["state_label"])
        held.report(20)
        raise AssertionError("it went on")

    other_work(cancelled_meanwhile)
    assert work(simulation.code) == 0
    job = Job.objects.get(code=simulation.code)
    assert (job.state, job.done_count, job.summary, job.is_held) == (JobState.CANCELLED, 10, {}, False)
    assert seen == ["Cancelling"]


def test_an_answer_that_comes_after_the_cancellation_is_not_kept(
    simulation: Simulation, sponsor: User, other_work: Any
):
    def too_late(job: Simulation, held: Held) -> Answer:
        cancel_job(by=sponsor, job=job)
        return {"found": 1}

    other_work(too_late)
    assert work(simulation.code) == 0
    job = Job.objects.get(code=simulation.code)
    assert (job.state, job.summary, job.is_held) == (JobState.CANCELLED, {}, False)


def test_a_cancelled_one_waits_again_once_its_worker_has_let_go(simulation: Simulation, sponsor: User):
    in_hands(simulation, attempts=2)
    cancel_job(by=sponsor, job=simulation)
    assert not queue_again(simulation)
    Part.objects.filter(job=simulation.code).update(heartbeat_at=timezone.now() - timedelta(hours=1))
    assert recover() == Recovery(parts_freed=1, given_up=0, entries=0)
    assert queue_again(simulation)
    assert (simulation.state, simulation.parts.get().attempts) == (JobState.QUEUED, 0)


def test_a_run_is_cancelled_by_those_who_may(requested: Callable[..., Run], internal: User, sponsor: User):
    run = requested()
    for person in (internal, sponsor):
        with pytest.raises(Forbidden):
            cancel_job(by=person, job=run)
    assert Job.objects.get(code=run.code).state == JobState.QUEUED


def test_units_and_a_total_show_while_it_goes(simulation: Simulation, other_work: Any):
    def in_steps(job: Simulation, held: Held) -> Answer:
        held.report(40)
        assert kind_of(job).row(job.code).done_count == 40
        held.report(50, 200)
        return {}

    other_work(in_steps)
    work(simulation.code)
    job = Job.objects.get(code=simulation.code)
    assert (job.done_count, job.total_count) == (200, 200)


def test_a_failure_keeps_its_words_and_the_part_free(simulation: Simulation, other_work: Any):
    def broken(job: Simulation, held: Held) -> Answer:
        raise ZeroDivisionError("no paths")

    other_work(broken)
    assert work(simulation.code) == 0
    job = Job.objects.get(code=simulation.code)
    assert (job.state, job.error, job.is_held) == (JobState.FAILED, "ZeroDivisionError: no paths", False)


# Fair share


def test_one_person_has_so_many_simulations_and_no_more(sponsor: User, admin: User, done: Run):
    most = registry.kind_named("simulation").most_active
    assert most is not None
    asked = [
        request_simulation(by=sponsor, financing=opened(done, 0), terms={"paths": 100}, enqueue=False)
        for _ in range(most)
    ]
    with pytest.raises(Invalid, match=f"You have {most} of {most} jobs of the kind simulation"):
        request_simulation(by=sponsor, financing=opened(done, 0), terms={"paths": 100}, enqueue=False)
    assert Simulation.objects.count() == most
    request_simulation(by=admin, financing=opened(done, 0), terms={"paths": 100}, enqueue=False)
    cancel_job(by=sponsor, job=asked[0])
    request_simulation(by=sponsor, financing=opened(done, 0), terms={"paths": 100}, enqueue=False)
    assert Simulation.objects.count() == most + 2


def test_so_with_runs(admin: User, project: Any):
    most = registry.kind_named("run").most_active
    assert most is not None
    for _ in range(most):
        request_run(by=admin, project=project, levers=SMALL_LEVERS, enqueue=False)
    with pytest.raises(Invalid, match="jobs of the kind run waiting or under way"):
        request_run(by=admin, project=project, levers=SMALL_LEVERS, enqueue=False)


@pytest.mark.django_db(transaction=True)
def test_a_long_run_gives_way_at_a_part_and_ends_the_same(
    requested: Callable[..., Run], done: Run, monkeypatch: pytest.MonkeyPatch
):
    run = requested()
    again: list[int] = []
    monkeypatch.setattr(queue, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(queue, "_others_wait", lambda job: True)
    monkeypatch.setattr(queue, "enqueue_job", lambda job, count: again.append(count))
    turns = [work_on(str(run.code)) for _ in range(run.chunk_count + 1)]
    assert turns == [1] * (run.chunk_count + 1)
    assert again == [1] * run.chunk_count  # after the last part nothing is left to come back for
    run.refresh_from_db()
    assert (run.state, run.summary) == (JobState.DONE, done.summary)
    assert fingerprints(run) == fingerprints(done)


def test_simulations_have_a_queue_beside_the_runs():
    assert registry.kind_named("simulation").queue != registry.kind_named("run").queue


# The page


def test_a_person_sees_all_own_jobs_and_no_others(
    simulation: Simulation, done: Run, sponsor: User, other_sponsor: User, signed_in: SignedIn
):
    page = signed_in(sponsor).get(reverse("jobs")).content.decode()
    assert f"Simulation: {simulation.title}" in page
    assert simulation.title.startswith(f"{done.project.title}, Financing ")
    assert reverse("job-cancel", args=[simulation.code]) in page
    assert reverse("job", args=[done.code]) not in page  # Ada asked for the run
    assert "Nothing was asked for yet" in signed_in(other_sponsor).get(reverse("jobs")).content.decode()


def test_an_administrator_may_look_at_everybodys(
    simulation: Simulation, done: Run, admin: User, internal: User, signed_in: SignedIn
):
    own = signed_in(admin).get(reverse("jobs")).content.decode()
    assert reverse("job", args=[done.code]) in own
    assert reverse("job", args=[simulation.code]) not in own
    every = signed_in(admin).get(reverse("jobs"), {"of": "everybody"}).content.decode()
    assert reverse("job", args=[simulation.code]) in every
    assert "Sofia Sponsor" in every
    assert reverse("job", args=[simulation.code]) not in (
        signed_in(internal).get(reverse("jobs"), {"of": "everybody"}).content.decode()
    )


@pytest.mark.parametrize(("asked", "is_there"), [({"state": "active"}, True), ({"state": "done"}, False), ({"kind": "run"}, False), ({"kind": "simulation"}, True), ({"kind": "x' --"}, False), ({"page": "99"}, True)])  # fmt: skip
def test_the_list_is_filtered(
    asked: dict[str, str], is_there: bool, simulation: Simulation, sponsor: User, signed_in: SignedIn
):
    page = signed_in(sponsor).get(reverse("jobs"), asked).content.decode()
    assert (reverse("job", args=[simulation.code]) in page) == is_there


def test_the_list_costs_the_same_for_many(
    done: Run, sponsor: User, signed_in: SignedIn, django_assert_num_queries: Any
):
    client = signed_in(sponsor)
    for _ in range(3):
        request_simulation(by=sponsor, financing=opened(done, 0), terms={"paths": 100}, enqueue=False)
    with django_assert_num_queries(5):  # session, person, count and rows of the list, count of the bell
        client.get(reverse("jobs"))


def test_cancelled_from_the_list_one_is_back_there(simulation: Simulation, sponsor: User, signed_in: SignedIn):
    client = signed_in(sponsor)
    back = f"{reverse('jobs')}?state=active"
    response = client.post(reverse("job-cancel", args=[simulation.code]), {"back": back})
    assert response.headers["Location"] == back
    elsewhere = client.post(reverse("job-cancel", args=[simulation.code]), {"back": "https://elsewhere.example/"})
    assert elsewhere.headers["Location"] == reverse("jobs")
    assert "there is nothing to cancel" in client.get(reverse("jobs")).content.decode()


def test_outsiders_learn_nothing_of_a_job(simulation: Simulation, other_sponsor: User, signed_in: SignedIn):
    client = signed_in(other_sponsor)
    for name in ("job", "job-status", "job-stream"):
        assert client.get(reverse(name, args=[simulation.code])).status_code == 404
    assert client.post(reverse("job-cancel", args=[simulation.code])).status_code == 404


def test_a_job_leads_to_what_it_found(simulation: Simulation, sponsor: User, signed_in: SignedIn):
    response = signed_in(sponsor).get(reverse("job", args=[simulation.code]))
    assert response.headers["Location"] == reverse("simulation", args=[simulation.code])


def test_a_failed_one_says_why_and_what_to_do(simulation: Simulation, sponsor: User, signed_in: SignedIn):
    Job.objects.filter(code=simulation.code).update(state=JobState.FAILED, error="The disk is full.")
    page = signed_in(sponsor).get(reverse("jobs")).content.decode()
    assert "The disk is full." in page
    assert "try again" in page


def test_deleting_the_row_of_a_kind_deletes_its_job_and_parts(simulation: Simulation):
    assert begin(simulation)
    assert claim_part(simulation, "a")
    code = simulation.code
    simulation.delete()
    assert not Job.objects.filter(code=code).exists()
    assert not Part.objects.filter(job=code).exists()


def test_a_claimed_part_says_whose_it_is(simulation: Simulation):
    assert begin(simulation)
    part = claim_part(simulation, "host:1:2")
    assert part is not None
    assert (part.state, part.claimed_by) == (PartState.PENDING, "")  # as read; the row knows
    part.refresh_from_db()
    assert (part.state, part.claimed_by, part.attempts) == (PartState.CLAIMED, "host:1:2", 1)
