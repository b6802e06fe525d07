"""Simulations of a pool's defaults and migrations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.jobs import JobShown
from api.v1.portfolios.shown import TAG, deal_run
from api.v1.shared import Of, code_of
from portfolios.access import get_deal, get_of_deal
from portfolios.models import PoolSimulation
from portfolios.services.scenarios import request_pool_simulation


class PoolSimulationShown(JobShown):
    """Defaults, losses by class and migrations on random paths; `summary` is empty until it is done."""

    pool = code_of("snapshot")
    terms = serializers.DictField()
    engine_version = serializers.CharField()
    summary = serializers.DictField()


class NewPoolSimulation(Of):
    """Paths, seed, years, correlation, same_industry; what is left out stands at its default."""

    terms = serializers.DictField(required=False, default=dict)


class PoolSimulations(ApiView):
    tag = TAG

    @operation("list_pool_simulations", answer=PoolSimulationShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[PoolSimulation]:
        """Lists the simulations of a deal's pools."""
        found = PoolSimulation.objects.filter(snapshot__deal=get_deal(request.user, code))
        return found.select_related("snapshot", "requested_by")

    @operation(
        "simulate_pool",
        scope=Scope.RUN,
        body=NewPoolSimulation,
        answer=PoolSimulationShown,
        status=201,
        example={"terms": {"paths": 100_000, "correlation": 0.2}},
    )
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> PoolSimulation:
        """Simulates defaults of the pool as it stands; a worker does it."""
        pool = deal_run(get_deal(request.user, code)).snapshot
        return request_pool_simulation(by=request.user, pool=pool, terms=data["terms"])


class PoolSimulationDetail(ApiView):
    tag = TAG

    @operation("read_pool_simulation", answer=PoolSimulationShown)
    def get(self, request: Caller, code: UUID) -> PoolSimulation:
        """Reads a simulation; its progress is that of the job of the same code."""
        return get_of_deal(request.user, PoolSimulation, code, "snapshot__deal")
