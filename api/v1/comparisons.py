"""Comparisons of financings and of runs that one keeps: named, noted, starred, read by whoever may see what they compare."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.shared import Of, Person
from financings.access import financings_of_codes, get_comparison
from financings.comparison import MOST
from financings.models import NAME_LENGTH, FinancingComparison, KeptComparison
from financings.services.keep_comparison import drop_comparison, keep_comparison, note_comparison
from permutations import access as runs
from permutations.models import RunComparison
from permutations.services import keep_comparison as keeping_runs


class ComparisonShown(Of):
    """What is kept side by side, and why."""

    code = serializers.UUIDField()
    owner = Person()
    name = serializers.CharField()
    note = serializers.CharField()
    is_starred = serializers.BooleanField()
    of = serializers.ListField(child=serializers.UUIDField(), source="codes", help_text="Codes, in their order.")
    created_at = serializers.DateTimeField()


class NewComparison(Of):
    """Two to six things to keep side by side."""

    of = serializers.ListField(child=serializers.UUIDField(), max_length=MOST * 2)
    name = serializers.CharField(max_length=NAME_LENGTH)


class ComparisonNoted(Of):
    """What a comparison is called and why it is kept; what is left out stays."""

    name = serializers.CharField(max_length=NAME_LENGTH, required=False)
    note = serializers.CharField(max_length=2_000, allow_blank=True, required=False)
    is_starred = serializers.BooleanField(required=False)


def _codes(data: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(str(code) for code in data["of"]))


def _noted(by: Any, kept: KeptComparison, data: dict[str, Any]) -> KeptComparison:
    stands = {"name": kept.name, "note": kept.note, "is_starred": kept.is_starred}
    return note_comparison(by=by, kept=kept, **{**stands, **data})


class FinancingComparisons(ApiView):
    tag = "comparisons"

    @operation("list_financing_comparisons", answer=ComparisonShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[FinancingComparison]:
        """Lists the comparisons of financings that the caller keeps."""
        return FinancingComparison.objects.filter(owner=request.user).select_related("owner")

    @operation("keep_financing_comparison", scope=Scope.WRITE, body=NewComparison, answer=ComparisonShown, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> FinancingComparison:
        """Keeps two to six financings side by side under a name."""
        found = financings_of_codes(request.user, _codes(data))
        return keep_comparison(by=request.user, financings=found, name=data["name"])


class FinancingComparisonDetail(ApiView):
    tag = "comparisons"

    @operation("read_financing_comparison", answer=ComparisonShown)
    def get(self, request: Caller, code: UUID) -> FinancingComparison:
        """Reads a comparison of financings of which the caller may see every one."""
        return get_comparison(request.user, code)

    @operation("note_financing_comparison", scope=Scope.WRITE, body=ComparisonNoted, answer=ComparisonShown)
    def patch(self, request: Caller, code: UUID, data: dict[str, Any]) -> KeptComparison:
        """Renames, notes or stars a comparison that the caller keeps."""
        return _noted(request.user, get_comparison(request.user, code), data)

    @operation("drop_financing_comparison", scope=Scope.WRITE, status=204)
    def delete(self, request: Caller, code: UUID) -> None:
        """Drops a comparison that the caller keeps; its financings stay."""
        drop_comparison(by=request.user, kept=get_comparison(request.user, code))


class RunComparisons(ApiView):
    tag = "comparisons"

    @operation("list_run_comparisons", answer=ComparisonShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[RunComparison]:
        """Lists the comparisons of runs that the caller keeps."""
        return RunComparison.objects.filter(owner=request.user).select_related("owner")

    @operation("keep_run_comparison", scope=Scope.WRITE, body=NewComparison, answer=ComparisonShown, status=201)
    def post(self, request: Caller, data: dict[str, Any]) -> RunComparison:
        """Keeps two to six runs side by side under a name."""
        found = runs.runs_of_codes(request.user, _codes(data))
        return keeping_runs.keep_comparison(by=request.user, runs=found, name=data["name"])


class RunComparisonDetail(ApiView):
    tag = "comparisons"

    @operation("read_run_comparison", answer=ComparisonShown)
    def get(self, request: Caller, code: UUID) -> RunComparison:
        """Reads a comparison of runs of which the caller may see every one."""
        return runs.get_comparison(request.user, code)

    @operation("note_run_comparison", scope=Scope.WRITE, body=ComparisonNoted, answer=ComparisonShown)
    def patch(self, request: Caller, code: UUID, data: dict[str, Any]) -> KeptComparison:
        """Renames, notes or stars a comparison that the caller keeps."""
        return _noted(request.user, runs.get_comparison(request.user, code), data)

    @operation("drop_run_comparison", scope=Scope.WRITE, status=204)
    def delete(self, request: Caller, code: UUID) -> None:
        """Drops a comparison that the caller keeps; its runs stay."""
        drop_comparison(by=request.user, kept=runs.get_comparison(request.user, code))
