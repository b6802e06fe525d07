"""Working out an impact, as a task of a worker."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from jobs import work
from permutations.impact import measure_impact
from permutations.models import Impact

READ_WITH = ("submission__snapshot", "submission__base", "run__rule_set", "run__snapshot")


def work_out(code: str | UUID, worker: str | None = None) -> bool:
    """True when this call brought the impact to its end; False where another did, or does."""
    return work.do(Impact.objects.select_related(*READ_WITH), code, _measure, worker)


def _measure(impact: Impact, worker: str) -> dict[str, Any]:
    base = impact.submission.base
    old = base.inputs if base else impact.run.snapshot.inputs
    return measure_impact(impact.run, old, impact.submission.snapshot.inputs)
