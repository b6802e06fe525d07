"""Tapes: sent, mapped, mended, applied."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, UploadView, operation
from api.v1.portfolios.shown import TAG, CellProblemShown, DealPoolShown
from api.v1.shared import Of, Person, Reason, code_of
from api.v1.tapes import MOST_PROBLEMS, NewCells, NewMapping, typed_over
from lib.verbs import refuse
from portfolios.access import get_deal, get_of_deal, require_prepare
from portfolios.models import ImportState, PoolSnapshot, Purpose, TapeImport
from portfolios.queries import latest_pool
from portfolios.services.import_tape import (
    apply_import,
    discard_import,
    leave_out,
    map_import,
    mend_import,
    open_import,
    pool_defaults,
)
from portfolios.tapes import differences, read_import


class NewTape(Of):
    """A tape: CSV or Excel in the 71 columns, and a file of positions with purchase prices."""

    file = serializers.FileField(allow_empty_file=True)
    positions = serializers.FileField(required=False, allow_empty_file=True)
    sender = serializers.CharField(max_length=120, default="API")
    purpose = serializers.ChoiceField(Purpose.choices, default=Purpose.POOL)
    determination_date = serializers.DateField(required=False, help_text="Left out: that of the pool as it stands.")


class TapeShown(Of):
    """A tape as it stands: what its headers mean, what was mended, what is still wrong, what it would change."""

    code = serializers.UUIDField()
    deal = code_of("deal")
    purpose = serializers.ChoiceField(Purpose.choices)
    sender = serializers.CharField()
    file_name = serializers.CharField()
    file_hash = serializers.CharField(help_text="SHA-256 of the file.")
    determination_date = serializers.DateField()
    state = serializers.ChoiceField(ImportState.choices)
    mapping = serializers.DictField(child=serializers.CharField(), help_text="Field by header.")
    corrections = serializers.ListField(child=serializers.DictField())
    left_out = serializers.DictField(child=serializers.CharField(), help_text="Reason by row.")
    made_by = Person()
    created_at = serializers.DateTimeField()


class TapeDetailShown(TapeShown):
    """A tape with what was found in it: at most 500 problems, those that refuse a row first."""

    sound_count = serializers.IntegerField(source="found.sound")
    refused_rows = serializers.ListField(child=serializers.IntegerField(), source="found.refused")
    absent_columns = serializers.ListField(child=serializers.CharField(), source="found.absent")
    problems = CellProblemShown(many=True, source="found.problems")
    come = serializers.ListField(
        child=serializers.CharField(), source="found.come", help_text="Assets new to the pool."
    )
    go = serializers.ListField(child=serializers.CharField(), source="found.go", help_text="Assets that leave it.")
    changed_cell_count = serializers.IntegerField(source="found.cells")

    def to_representation(self, tape: TapeImport) -> Any:
        tape.found = _read(tape)  # type: ignore[attr-defined]  # told beside the row
        return super().to_representation(tape)


def _read(tape: TapeImport) -> dict[str, Any]:
    found = read_import(tape)
    changes = differences(latest_pool(tape.deal, tape.purpose), found.assets())
    return {
        "sound": len(found.rows),
        "refused": sorted(found.refused_rows),
        "absent": found.absent,
        "problems": sorted(found.problems, key=lambda p: (not p.refuses, p.row))[:MOST_PROBLEMS],
        "come": [row["blkrockid"] for row in changes.come],
        "go": [row["blkrockid"] for row in changes.go],
        "cells": len(changes.cells),
    }


class LeftOut(Reason):
    row = serializers.IntegerField(min_value=1)


class NewRates(Of):
    """Cash and rates of the day; what is left out is as the pool before has it."""

    principal_cash = serializers.DecimalField(max_digits=18, decimal_places=2, required=False)
    interest_cash = serializers.DecimalField(max_digits=18, decimal_places=2, required=False)
    fx = serializers.DictField(child=serializers.CharField(max_length=30), required=False)
    index_rates = serializers.DictField(child=serializers.CharField(max_length=30), required=False)


class Tapes(UploadView):
    tag = TAG

    @operation("list_tapes", answer=TapeShown, pages="pk")
    def get(self, request: Caller, code: UUID) -> QuerySet[TapeImport]:
        """Lists the tapes of a deal."""
        return TapeImport.objects.filter(deal=get_deal(request.user, code)).select_related("deal", "made_by")

    @operation("upload_tape", scope=Scope.WRITE, body=NewTape, answer=TapeDetailShown, status=201, whole=False)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> TapeImport:
        """Takes a tape in; nothing of it counts before it is applied."""
        deal, file, positions = get_deal(request.user, code), data["file"], data.get("positions")
        require_prepare(request.user, deal)
        pool = latest_pool(deal)
        day = data.get("determination_date") or (pool.determination_date if pool else None)
        if day is None:
            raise refuse("required", "determination_date", "Determination date: the deal has no pool to take it from.")
        return open_import(
            by=request.user,
            deal=deal,
            sender=data["sender"],
            file_name=file.name,
            content=file.read(),
            determination_date=day,
            positions=(positions.name, positions.read()) if positions else None,
            purpose=data["purpose"],
        )


class TapeDetail(ApiView):
    tag = TAG

    @operation("read_tape", answer=TapeDetailShown)
    def get(self, request: Caller, code: UUID) -> TapeImport:
        """Reads a tape with its problems and what it would change."""
        return get_of_deal(request.user, TapeImport, code)


class TapeMapping(ApiView):
    tag = TAG
    current = TapeDetail

    @operation("map_tape", scope=Scope.WRITE, body=NewMapping, answer=TapeDetailShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> TapeImport:
        """Says what each header means; kept for the sender's next file."""
        return map_import(by=request.user, tape=get_of_deal(request.user, TapeImport, code), **data)


class TapeCells(ApiView):
    tag = TAG
    current = TapeDetail

    @operation("mend_tape", scope=Scope.WRITE, body=NewCells, answer=TapeDetailShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> TapeImport:
        """Mends cells; what stood there is kept."""
        tape = get_of_deal(request.user, TapeImport, code)
        return mend_import(by=request.user, tape=tape, cells=typed_over(data))


class TapeLeaveOut(ApiView):
    tag = TAG
    current = TapeDetail

    @operation("leave_out_row", scope=Scope.WRITE, body=LeftOut, answer=TapeDetailShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> TapeImport:
        """Leaves a row out, with the reason."""
        return leave_out(by=request.user, tape=get_of_deal(request.user, TapeImport, code), **data)


class TapeDiscard(ApiView):
    tag = TAG
    current = TapeDetail

    @operation("discard_tape", scope=Scope.WRITE, answer=TapeDetailShown)
    def post(self, request: Caller, code: UUID) -> TapeImport:
        """Puts a tape away."""
        return discard_import(by=request.user, tape=get_of_deal(request.user, TapeImport, code))


class TapeApply(ApiView):
    tag = TAG
    current = TapeDetail

    @operation("apply_tape", scope=Scope.WRITE, body=NewRates, answer=DealPoolShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> PoolSnapshot:
        """Makes a tape the next pool and takes its tests: every row, or nothing while one is refused."""
        tape = get_of_deal(request.user, TapeImport, code)
        given = {**pool_defaults(latest_pool(tape.deal), tape.deal), **data}
        return apply_import(
            by=request.user,
            tape=tape,
            principal_cash=Decimal(given["principal_cash"]),
            interest_cash=Decimal(given["interest_cash"]),
            fx=given["fx"],
            index_rates=given["index_rates"],
        )
