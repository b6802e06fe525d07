"""What several resources of CLO portfolios show alike."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.v1.shared import Of, Person, code_of
from api.v1.tapes import CellProblem
from lib.errors import NotFound
from portfolios.models import ComplianceRun, Deal, Purpose
from portfolios.queries import latest_run

TAG = "clo"
STATUSES = "pass, fail, maintained or improved, not assessed."


def figure(**options: Any) -> serializers.DecimalField:
    """A number told exactly, as text."""
    return serializers.DecimalField(max_digits=None, decimal_places=None, **options)


class DealPoolShown(Of):
    """A pool on a determination date; never changed."""

    code = serializers.UUIDField()
    deal = code_of("deal")
    purpose = serializers.ChoiceField(Purpose.choices)
    number = serializers.IntegerField()
    determination_date = serializers.DateField()
    content_hash = serializers.CharField(help_text="SHA-256 of its assets, rates and cash.")
    origin = serializers.CharField()
    made_by = Person()
    created_at = serializers.DateTimeField()


class CellProblemShown(CellProblem):
    """What is wrong at one cell; a warning where it does not refuse its row. Rows of data count from 1."""

    refuses = serializers.BooleanField()


class ChangeShown(Of):
    """One test before and after."""

    number = serializers.IntegerField(source="after.rule.number")
    name = serializers.CharField(source="after.rule.name")
    before = figure(source="before.value", allow_null=True)
    after = figure(source="after.value", allow_null=True)
    change = figure(allow_null=True)
    threshold = figure(source="after.threshold", allow_null=True)
    status_before = serializers.CharField(source="before.status.value", help_text=STATUSES)
    status_after = serializers.CharField(source="after.status.value", help_text=STATUSES)
    is_worse = serializers.BooleanField()


class LineShown(Of):
    """One step: due is null where it takes what there is."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field's name
    what = serializers.CharField()
    due = figure(allow_null=True)
    paid = figure()
    source = serializers.CharField(help_text="interest, principal, deferral or all proceeds")  # type: ignore[assignment]  # a field's name
    reason = serializers.CharField(help_text="The rule, with its figures.")


def deal_run(deal: Deal) -> ComplianceRun:
    run = latest_run(deal)
    if run is None:
        raise NotFound("The deal has no pool yet: import a tape first.")
    return run
