"""Asks for a simulation of one permutation; a worker runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from engine.errors import InputProblems
from engine.risk import SimulationTerms
from jobs.access import require_quota
from jobs.queue import enqueue_job
from lib.errors import Invalid
from permutations.access import get_run
from permutations.models import Run, Simulation
from permutations.results import result_row


def request_simulation(
    *,
    by: User,
    run: Run,
    index: int,
    terms: Mapping[str, Any],
    enqueue: bool = True,
) -> Simulation:
    """The simulation, queued; raises Invalid for terms that cannot be, NotFound for what the run did not evaluate."""
    get_run(by, run.code)
    try:
        read = SimulationTerms.from_dict(terms)
    except InputProblems as error:
        raise Invalid(error.problems) from error
    result_row(run, index)
    with transaction.atomic():
        simulation = Simulation(
            run=run, permutation_index=index, terms=read.to_dict(), engine_version=ENGINE_VERSION,
            total_count=read.paths, requested_by=by, title=f"{run.project.title}, permutation {index:,}",
        )  # fmt: skip
        require_quota(by, simulation)
        simulation.full_clean()
        simulation.save()
        after = {"run": str(run.code), "permutation": index, "terms": simulation.terms}
        audit.record(by=by, action="simulation.requested", target=simulation, after=after)
        if enqueue:
            transaction.on_commit(lambda: enqueue_job(simulation))
    return simulation
