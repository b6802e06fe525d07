"""Notes issued here, taken among a deal's candidates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers

from accounts.models import Scope
from api.operations import ApiView, Caller, operation
from api.v1.portfolios.shown import TAG, DealPoolShown
from api.v1.shared import Of
from portfolios.access import get_deal, require_prepare
from portfolios.issued import get_issued, issued_notes
from portfolios.models import PoolSnapshot
from portfolios.services.take_note import take_note


class IssuedNoteShown(Of):
    """A class of notes issued here, as columns of a tape."""

    code = serializers.CharField()
    title = serializers.CharField()
    cells = serializers.DictField(child=serializers.CharField())
    indicated_rating = serializers.CharField(help_text="The house's own; no agency's.")
    provenance = serializers.CharField()
    content_hash = serializers.CharField()


class IssuedNotes(Of):
    items = IssuedNoteShown(many=True)


class NewNote(Of):
    """A class, and what its papers do not say, as texts of a tape's columns; with where it was read."""

    note = serializers.CharField(max_length=120)
    cells = serializers.DictField(child=serializers.CharField(max_length=200), required=False, default=dict)
    source = serializers.CharField(max_length=200)  # type: ignore[assignment]  # a field's name


class Notes(ApiView):
    tag = TAG

    @operation("list_issued_notes", answer=IssuedNotes)
    def get(self, request: Caller, code: UUID) -> dict[str, Any]:
        """Lists the classes of notes issued here that a deal may buy."""
        get_deal(request.user, code)
        return {"items": issued_notes(request.user)}

    @operation("take_issued_note", scope=Scope.WRITE, body=NewNote, answer=DealPoolShown, status=201)
    def post(self, request: Caller, code: UUID, data: dict[str, Any]) -> PoolSnapshot:
        """Takes a class among the deal's candidates, for a basket to buy."""
        deal = get_deal(request.user, code)
        require_prepare(request.user, deal)
        note = get_issued(request.user, data["note"])
        return take_note(by=request.user, deal=deal, note=note, asked=data["cells"], source=data["source"])
