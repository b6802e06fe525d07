"""Many assets of a pool edited at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.portfolios.shown import TAG, CellProblemShown, ChangeShown, DealPoolShown
from api.v1.shared import Of
from portfolios.access import get_of_deal
from portfolios.bulk import Do, Edit, edited, effect
from portfolios.models import PoolSnapshot
from portfolios.services.edit_assets import edit_assets


class AssetEdit(Of):
    column = serializers.CharField(max_length=60)
    do = serializers.ChoiceField([each.value for each in Do], default=Do.SET.value)
    value = serializers.CharField(
        allow_blank=True, max_length=200, help_text="As a tape writes it; the number to add or to multiply by."
    )


class AssetEdits(Of):
    """Assets by their identifiers, and what is done to each."""

    assets = serializers.ListField(child=serializers.CharField(max_length=60), min_length=1, max_length=5_000)
    edits = AssetEdit(many=True)


class AppliedEdits(AssetEdits):
    reason = serializers.CharField(max_length=120)


class CellEditShown(Of):
    row = serializers.IntegerField()
    asset = serializers.CharField()
    column = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class EditsTriedShown(Of):
    """What edits would change, cell by cell, what is refused and stays as it is, and every test before and after."""

    cells = CellEditShown(many=True)
    refused = CellProblemShown(many=True)
    warnings = CellProblemShown(many=True)
    changes = ChangeShown(many=True)


def _edits(data: dict[str, Any]) -> list[Edit]:
    return [Edit(row["column"], Do(row["do"]), row["value"]) for row in data["edits"]]


class TryEdits(ApiView):
    tag = TAG

    @operation("try_asset_edits", scope=Scope.RUN, body=AssetEdits, answer=EditsTriedShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> dict[str, Any]:
        """Tries edits of many assets of a pool. Nothing is kept."""
        pool = get_of_deal(request.user, PoolSnapshot, code)
        found = edited(pool, data["assets"], _edits(data))
        told = {"cells": found.cells, "refused": found.refused, "warnings": found.warnings}
        return {**told, "changes": effect(pool, found)}


class ApplyEdits(ApiView):
    tag = TAG

    @operation("apply_asset_edits", scope=Scope.WRITE, body=AppliedEdits, answer=DealPoolShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> PoolSnapshot:
        """Applies edits of many assets as the deal's next pool; cells that are refused stay as they are."""
        pool, edits = get_of_deal(request.user, PoolSnapshot, code), _edits(data)
        return edit_assets(by=request.user, pool=pool, assets=data["assets"], edits=edits, reason=data["reason"])
