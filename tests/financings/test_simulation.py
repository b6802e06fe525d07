"""Simulations: asked for, run by a worker once, begun again when lost, told when they cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_rq import get_queue
from rq import Queue

from accounts.models import AuditEntry, User
from atlasnexus.worker import WarmWorker
from financings.models import Financing, Simulation
from financings.services.open_financing import open_financing
from financings.services.request_simulation import request_simulation
from jobs.models import JobState
from jobs.queue import enqueue_job, queued_entries
from jobs.recovery import recover
from jobs.work import work
from jobs.workers import stale_before
from lib.errors import Invalid, NotFound
from tests.jobs.cast import in_hands

pytestmark = pytest.mark.django_db

FEW = {"paths": 200, "seed": 3}


def asked(by: User, financing: Financing, **terms: Any) -> Simulation:
    return request_simulation(by=by, financing=financing, terms={**FEW, **terms}, enqueue=False)


def test_a_worker_runs_it_once(sponsor: User, best: Financing):
    simulation = asked(sponsor, best)
    assert work(simulation.code)
    assert not work(simulation.code)
    simulation.refresh_from_db()
    assert (simulation.state, simulation.done_count, simulation.parts.get().attempts) == (JobState.DONE, 200, 1)
    assert simulation.summary["paths"] == 200
    assert {each["tranche"] for each in simulation.summary["tranches"]} >= {"Senior"}
    assert AuditEntry.objects.get(action="simulation.requested").actor == sponsor


def test_the_same_terms_give_the_same_summary(sponsor: User, best: Financing):
    found = []
    for _ in range(2):
        simulation = asked(sponsor, best)
        work(simulation.code)
        simulation.refresh_from_db()
        found.append(simulation.summary)
    assert found[0] == found[1]


def test_a_lost_one_is_begun_again_and_at_last_given_up(sponsor: User, best: Financing):
    simulation = asked(sponsor, best)
    in_hands(simulation)
    assert recover().parts_freed == 0
    assert not work(simulation.code, "second")
    in_hands(simulation, heard_at=stale_before())
    assert recover().parts_freed == 1
    assert work(simulation.code, "second")
    assert Simulation.objects.get(id=simulation.pk).state == JobState.DONE


def test_what_has_no_debt_fails_with_its_reason(sponsor: User, best: Financing):
    too_long = open_financing(
        by=sponsor,
        project=best.project,
        snapshot=best.snapshot,
        rule_set=best.rule_set,
        terms=best.terms,
        levers={"senior_tenor_years": 30},
    )
    failing = asked(sponsor, too_long)
    work(failing.code)
    failing.refresh_from_db()
    assert failing.state == JobState.FAILED
    assert "no debt" in failing.error


def test_bad_terms_and_unknown_permutations_are_refused(sponsor: User, other_sponsor: User, best: Financing):
    with pytest.raises(Invalid, match="even number"):
        asked(sponsor, best, paths=101)
    with pytest.raises(NotFound):
        asked(other_sponsor, best)
    assert not Simulation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_of_the_queue_runs_it(sponsor: User, best: Financing, redis_queue: Queue):
    simulation = asked(sponsor, best)
    assert enqueue_job(simulation) == 1
    assert queued_entries(simulation) == 1
    WarmWorker([get_queue("tasks")], connection=redis_queue.connection).work(burst=True)
    simulation.refresh_from_db()
    assert simulation.state == JobState.DONE, simulation.error


# Pages


def test_from_the_form_to_the_figures(client: Client, sponsor: User, best: Financing):
    client.force_login(sponsor)
    url = reverse("simulation-new", args=[best.code])
    assert "Antithetic" in client.get(url).content.decode()
    typed = {"paths": "200", "seed": "5", "antithetic": "yes", "cpi_volatility": "1.5"}
    made = client.post(url, typed)
    simulation = Simulation.objects.get()
    assert made.headers["Location"] == reverse("simulation", args=[simulation.code])
    assert simulation.terms["cpi_volatility"] == pytest.approx(0.015)
    page = client.get(made.headers["Location"]).content.decode()
    assert "Waiting for a worker" in page
    work(simulation.code)
    polled = client.get(reverse("job-status", args=[simulation.code])).json()
    assert (polled["is_finished"], polled["done_ratio"]) == (True, 1.0)
    page = client.get(made.headers["Location"]).content.decode()
    for words in ("Default probability", "Mezzanine", "Convergence", "CPI volatility a year"):
        assert words in page
    assert reverse("simulation", args=[simulation.code]) in client.get(url).content.decode()


def test_a_fault_is_told_at_its_field(client: Client, sponsor: User, best: Financing):
    client.force_login(sponsor)
    response = client.post(reverse("simulation-new", args=[best.code]), {"paths": "5", "seed": "x"})
    assert response.status_code == 422
    assert "Paths: expected 100 to 100,000, got 5." in response.content.decode()
    assert not Simulation.objects.exists()
