"""Tapes of loans: sent, mapped, mended, their loans taken as a pool that backs notes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, UploadView, operation
from api.v1.securitisation import PoolShown
from api.v1.shared import Of, Person, code_of
from api.v1.tapes import MOST_PROBLEMS, CellProblem, NewCells, NewMapping, typed_over
from lib.grids import MOST_BYTES
from lib.verbs import refuse
from securitisation.access import get_tape, require_prepare, require_view, visible_tapes
from securitisation.models import TITLE_LENGTH, LoanPool, LoanTape, TapeState
from securitisation.services.tapes import discard_tape, map_tape, mend_tape, open_tape, take_tape
from securitisation.tapes import cell_text, mended_grid, read_loans

TAG = "notes"


class NewLoanTape(Of):
    """A tape of loans: CSV or Excel, one loan a row."""

    file = serializers.FileField(allow_empty_file=True)
    name = serializers.CharField(
        max_length=TITLE_LENGTH, required=False, default="", help_text="Left out: that of the file."
    )


class LoanTapeShown(Of):
    """A tape as it stands: what its headers mean, what was mended; once its loans are taken, their pool."""

    code = serializers.UUIDField()
    name = serializers.CharField()
    file_name = serializers.CharField()
    file_hash = serializers.CharField(help_text="SHA-256 of the file.")
    state = serializers.ChoiceField(TapeState.choices)
    mapping = serializers.DictField(child=serializers.CharField(), help_text="Field by header.")
    corrections = serializers.ListField(child=serializers.DictField())
    pool = code_of("pool", allow_null=True)
    made_by = Person()
    created_at = serializers.DateTimeField()


class LoanCellProblem(CellProblem):
    """What is wrong at one cell; its row is not taken. Rows of data count from 1, lines of the file with its header."""

    line = serializers.IntegerField()
    text = serializers.CharField(allow_null=True, help_text="What stands there; null without such a column.")


class LoanTapeDetailShown(LoanTapeShown):
    """A tape with what was found in it: at most 500 problems, by row."""

    headers = serializers.ListField(child=serializers.CharField(), source="grid.headers")
    sound_count = serializers.IntegerField(source="found.sound")
    sound_amount = serializers.FloatField(source="found.amount", help_text="Balance of the sound rows.")
    refused_rows = serializers.ListField(child=serializers.IntegerField(), source="found.refused")
    absent_columns = serializers.ListField(child=serializers.CharField(), source="found.absent")
    problem_count = serializers.IntegerField(source="found.count")
    problems = LoanCellProblem(many=True, source="found.problems")

    def to_representation(self, tape: LoanTape) -> Any:
        tape.found = _read(tape)  # type: ignore[attr-defined]  # told beside the row
        return super().to_representation(tape)


def _read(tape: LoanTape) -> dict[str, Any]:
    found, grid = read_loans(tape), mended_grid(tape)
    problems = sorted(found.problems, key=lambda problem: problem.row)
    return {
        "sound": len(found.loans),
        "amount": sum(loan["balance_amount"] for loan in found.loans.values()),
        "refused": sorted(found.refused_rows),
        "absent": found.absent,
        "count": len(problems),
        "problems": [
            {
                "row": each.row,
                "line": grid.lines[each.row - 1],
                "column": each.column,
                "code": each.code,
                "message": each.message,
                "text": cell_text(grid, tape.mapping, each.row, each.column),
            }
            for each in problems[:MOST_PROBLEMS]
        ],
    }


class TakenLoans(Of):
    """Whether rows with problems are left out; else they refuse the whole."""

    leave_out = serializers.BooleanField(default=False)


class LoanTapes(UploadView):
    tag = TAG

    @operation("list_loan_tapes", answer=LoanTapeShown, pages="pk")
    def get(self, request: Caller) -> QuerySet[LoanTape]:
        """Lists tapes of loans, the latest first."""
        require_view(request.user)
        return visible_tapes(request.user).select_related("made_by", "pool")

    @operation(
        "upload_loan_tape", scope=Scope.WRITE, body=NewLoanTape, answer=LoanTapeDetailShown, status=201, whole=False
    )
    def post(self, request: Caller, data: dict[str, Any]) -> LoanTape:
        """Takes a tape of loans in as a draft; nothing of it is a pool before it is taken."""
        require_prepare(request.user)
        file = data["file"]
        if file.size > MOST_BYTES:
            raise refuse("file", "file", f"Send a file of at most {MOST_BYTES // 1024**2} MB.")
        name = data["name"] or file.name[:TITLE_LENGTH]
        return open_tape(by=request.user, name=name, file_name=file.name, content=file.read())


class LoanTapeDetail(ApiView):
    tag = TAG

    @operation("read_loan_tape", answer=LoanTapeDetailShown)
    def get(self, request: Caller, code: UUID) -> LoanTape:
        """Reads a tape of loans with its problems, cell by cell."""
        return get_tape(request.user, code)


class LoanTapeMapping(ApiView):
    tag = TAG
    current = LoanTapeDetail

    @operation("map_loan_tape", scope=Scope.WRITE, body=NewMapping, answer=LoanTapeDetailShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> LoanTape:
        """Says what each header means."""
        return map_tape(by=request.user, tape=get_tape(request.user, code), **data)


class LoanTapeCells(ApiView):
    tag = TAG
    current = LoanTapeDetail

    @operation("mend_loan_tape", scope=Scope.WRITE, body=NewCells, answer=LoanTapeDetailShown)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> LoanTape:
        """Mends cells; what stood there is kept."""
        return mend_tape(by=request.user, tape=get_tape(request.user, code), cells=typed_over(data))


class LoanTapeDiscard(ApiView):
    tag = TAG
    current = LoanTapeDetail

    @operation("discard_loan_tape", scope=Scope.WRITE, answer=LoanTapeDetailShown)
    def post(self, request: Caller, code: UUID) -> LoanTape:
        """Puts a tape of loans away."""
        return discard_tape(by=request.user, tape=get_tape(request.user, code))


class LoanTapeTake(ApiView):
    tag = TAG

    @operation("take_loan_tape", scope=Scope.WRITE, body=TakenLoans, answer=PoolShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> LoanPool:
        """Takes the loans as a pool that structures stand on; refused while rows have problems that are not left out."""
        return take_tape(by=request.user, tape=get_tape(request.user, code), **data)
