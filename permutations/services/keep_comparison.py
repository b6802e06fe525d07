"""A comparison of runs under a name; it is noted and dropped like one of financings."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import User
from financings.comparison import require_few
from financings.services.keep_comparison import keep_codes
from permutations.models import Run, RunComparison


def keep_comparison(*, by: User, runs: Sequence[Run], name: str) -> RunComparison:
    """The comparison under its name; its link opens for whoever may see every run of it."""
    require_few(len(runs), "runs")
    return keep_codes(RunComparison, by=by, codes=[str(run.code) for run in runs], name=name)
