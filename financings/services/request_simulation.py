"""Asks for a simulation of one financing; a worker runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from engine.errors import InputProblems
from engine.risk import SimulationTerms
from financings.access import get_financing
from financings.models import Financing, Simulation
from jobs.access import require_quota
from jobs.queue import enqueue_job
from lib.errors import Invalid
from lib.verbs import save_checked


def request_simulation(
    *,
    by: User,
    financing: Financing,
    terms: Mapping[str, Any],
    enqueue: bool = True,
) -> Simulation:
    """The simulation, queued; raises Invalid for terms that cannot be, NotFound for outsiders."""
    financing = get_financing(by, financing.code)
    try:
        read = SimulationTerms.from_dict(terms)
    except InputProblems as error:
        raise Invalid(error.problems) from error
    with transaction.atomic():
        simulation = Simulation(
            financing=financing,
            terms=read.to_dict(),
            engine_version=ENGINE_VERSION,
            total_count=read.paths,
            requested_by=by,
            title=f"{financing.project.title}, {financing}",
        )
        require_quota(by, simulation)
        save_checked(simulation)
        after = {"financing": str(financing.code), "terms": simulation.terms}
        audit.record(by=by, action="simulation.requested", target=simulation, after=after)
        if enqueue:
            transaction.on_commit(lambda: enqueue_job(simulation))
    return simulation
