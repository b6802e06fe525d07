"""What tapes of every kind are told: what their headers mean, and what stands in a cell instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from api.v1.shared import Of

MOST_PROBLEMS = 500
MOST_CELLS = 10_000


class CellProblem(Of):
    """What is wrong at one cell. Rows of data count from 1."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class NewMapping(Of):
    """The meaning of each header."""

    mapping = serializers.DictField(
        child=serializers.CharField(allow_blank=True), help_text="Field by header; the others are not read."
    )


class NewCell(Of):
    """One cell typed over, by its row of data and its field."""

    row = serializers.IntegerField(min_value=1)
    column = serializers.CharField(max_length=60)
    value = serializers.CharField(allow_blank=True, max_length=500)


class NewCells(Of):
    """Cells typed over."""

    cells = serializers.ListField(child=NewCell(), max_length=MOST_CELLS)


def typed_over(data: Mapping[str, Any]) -> dict[tuple[int, str], str]:
    """What is to stand in each cell, by row and column."""
    return {(cell["row"], cell["column"]): cell["value"] for cell in data["cells"]}
