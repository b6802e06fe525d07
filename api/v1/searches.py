"""Searches between the points of a finished run: asked for, read, their structures opened."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.financings import FinancingShown
from api.v1.jobs import JobShown
from api.v1.shared import Of, code_of
from engine.permutations.search import GOALS
from engine.permutations.search.terms import (
    DEFAULT_EFFORT,
    DEFAULT_SEED,
    LARGEST_SEED,
    LEAST_EFFORT,
    LIMIT_OPERATORS,
    MOST_EFFORT,
)
from financings.models import Financing
from lib.errors import NotFound
from permutations.access import get_run, get_search, visible_searches
from permutations.models import Search
from permutations.services.open_found import open_found
from permutations.services.request_search import request_search

EXAMPLE = {
    "objective": "senior_raise",
    "limits": [{"column": "equity_ratio", "operator": ">=", "value": 0.25}],
    "levers": {"senior_coupon_rate": {"from": 0.05, "to": 0.06}, "senior_tenor_years": [15, 20]},
}


class SearchShown(JobShown):
    """A search between the points of a run: run and terms decide its answer."""

    run = code_of("run")
    terms = serializers.DictField()
    engine_version = serializers.CharField()
    summary = serializers.DictField(help_text="The best, the run's own best, what limits cost; empty until it is done.")


class LimitGiven(Of):
    """What a structure must keep to: a column of the results, or the share of equity."""

    column = serializers.CharField(max_length=60)
    operator = serializers.ChoiceField(list(LIMIT_OPERATORS))
    value = serializers.FloatField()


class NewSearch(Of):
    """What to look for, and between which levers. A lever that is not named is searched as far as the run goes."""

    objective = serializers.ChoiceField(list(GOALS), required=False)
    limits = serializers.ListField(child=LimitGiven(), required=False, max_length=50)
    levers = serializers.DictField(required=False, help_text="By lever its values, or from and to.")
    seed = serializers.IntegerField(min_value=0, max_value=LARGEST_SEED, default=DEFAULT_SEED)
    effort = serializers.IntegerField(
        min_value=LEAST_EFFORT, max_value=MOST_EFFORT, default=DEFAULT_EFFORT, help_text="Structures tried."
    )


class RunSearches(ApiView):
    tag = "searches"

    @operation("list_searches", answer=SearchShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[Search]:
        """Lists the searches of a run, the latest first."""
        found = visible_searches(request.user).filter(run=get_run(request.user, code))
        return found.select_related("run", "requested_by")

    @operation("start_search", scope=Scope.RUN, body=NewSearch, answer=SearchShown, status=201, example=EXAMPLE)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> Search:
        """Asks for the best structure between the points of a finished run, under limits; a worker looks for it."""
        return request_search(by=request.user, run=get_run(request.user, code), terms=data)


class SearchDetail(ApiView):
    tag = "searches"

    @operation("read_search", answer=SearchShown)
    def get(self, request: Caller, code: UUID) -> Search:
        """Reads a search; its progress is that of the job of the same code."""
        return get_search(request.user, code)


class SearchOpen(ApiView):
    tag = "searches"

    @operation("open_found", scope=Scope.WRITE, answer=FinancingShown)
    def post(self, request: Caller, code: UUID, index: str) -> Financing:
        """Opens a structure that a search found, by its place among the points of its summary, as a financing."""
        if not (index.isascii() and index.isdigit() and len(index) < 10):
            raise NotFound("This search found no such structure.")
        return open_found(by=request.user, search=get_search(request.user, code), number=int(index))
