"""Scenarios: kept under a name, changed and deleted; simulations asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.errors import InputProblems
from engine.portfolios.scenarios import ScenarioTerms
from jobs.access import require_quota
from jobs.queue import enqueue_job
from lib.errors import Invalid
from lib.verbs import save_checked
from portfolios.access import require_prepare
from portfolios.models import Deal, PoolSimulation, PoolSnapshot, Scenario

_N, _I = FieldKind.NUMBER, FieldKind.INTEGER
SIMULATION_FIELDS = (
    FieldSpec("paths", "Paths", _I, "count", 100_000, minimum=1_000, maximum=1_000_000),
    FieldSpec("seed", "Seed", _I, "count", 1, minimum=0, maximum=2**53),
    FieldSpec("years", "Horizon", _I, "years", 1, minimum=1, maximum=10),
    FieldSpec("correlation", "Correlation of every two issuers", _N, "share", 0.3, minimum=0, maximum=0.99),
    FieldSpec("same_industry", "Correlation within an industry", _N, "share", None, minimum=0, maximum=0.99,
              help="Empty: the same for every two, as one factor. Else a matrix by borrower."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SimulationTerms:
    """What a simulation of a pool assumes."""

    paths: int
    seed: int
    years: int
    correlation: float
    same_industry: float | None

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any]) -> SimulationTerms:
        """Terms with the defaults for what is not given; raises InputProblems."""
        reader = Reader(SIMULATION_FIELDS, payload)
        values = reader.read()
        if reader.problems:
            raise InputProblems(reader.problems)
        return cls(**values)


@transaction.atomic
def save_scenario(*, by: User, deal: Deal, name: str, terms: Mapping[str, Any]) -> Scenario:
    """The scenario of this name, new or changed; Invalid for terms that cannot be."""
    require_prepare(by, deal)
    try:
        read = ScenarioTerms.from_dict(terms).to_dict()
    except InputProblems as error:
        raise Invalid(error.problems) from error
    name = " ".join(name.split())
    scenario = Scenario.objects.filter(deal=deal, name=name).first() or Scenario(deal=deal, name=name, made_by=by)
    before = scenario.terms if scenario.pk else None
    scenario.terms = read
    save_checked(scenario)
    audit.record(by=by, action="scenario.saved", target=scenario, before=before, after=read)
    return scenario


@transaction.atomic
def delete_scenario(*, by: User, scenario: Scenario) -> None:
    """The scenario is gone; nothing refers to it."""
    require_prepare(by, scenario.deal)
    audit.record(by=by, action="scenario.deleted", target=scenario, before=scenario.terms)
    scenario.delete()


@transaction.atomic
def request_pool_simulation(
    *, by: User, pool: PoolSnapshot, terms: Mapping[str, Any], enqueue: bool = True
) -> PoolSimulation:
    """The simulation, queued; raises Invalid for terms that cannot be."""
    require_prepare(by, pool.deal)
    try:
        read = SimulationTerms.from_dict(terms)
    except InputProblems as error:
        raise Invalid(error.problems) from error
    simulation = PoolSimulation(
        snapshot=pool,
        terms=asdict(read),
        engine_version=ENGINE_VERSION,
        total_count=read.paths,
        requested_by=by,
        title=f"{pool.deal}, {pool}",
    )
    require_quota(by, simulation)
    save_checked(simulation)
    audit.record(by=by, action="pool_simulation.requested", target=simulation, after=simulation.terms)
    if enqueue:
        transaction.on_commit(lambda: enqueue_job(simulation))
    return simulation
