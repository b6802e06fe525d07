"""Working out an impact, as a job of a worker."""

from __future__ import annotations

from jobs.registry import Answer
from jobs.work import Held
from permutations.impact import measure_impact
from permutations.models import Impact


def measure(impact: Impact, held: Held) -> Answer:
    """What the change does to the best structures of the run."""
    base = impact.submission.base
    old = base.inputs if base else impact.run.snapshot.inputs
    return measure_impact(impact.run, old, impact.submission.snapshot.inputs)
