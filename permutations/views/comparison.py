"""Runs side by side: chosen in the list, kept under a name, opened by link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from financings.comparison import FEWEST
from financings.views.comparison_pages import ComparisonPages, query_of
from permutations.access import get_comparison, runs_of_codes
from permutations.comparison import compared
from permutations.models import Run, RunComparison
from permutations.services.keep_comparison import keep_comparison


def _context(runs: list[Run]) -> dict[str, Any]:
    return {
        "runs": [
            (run, query_of(other for other in runs if other is not run) if len(runs) > FEWEST else "") for run in runs
        ],
        "groups": [
            (
                title,
                [(line, [(text, run, at) for (text, at), run in zip(line.cells, runs, strict=True)]) for line in lines],
            )
            for title, lines in compared(runs)
        ],
    }


def _keep(user: User, found: Sequence[Run], name: str) -> RunComparison:
    return keep_comparison(by=user, runs=found, name=name)


COMPARISONS = ComparisonPages[Run, RunComparison](
    section="runs",
    words="runs",
    template="permutations/compare_runs.html",
    compare="runs-compare",
    kept="run-comparison",
    back="runs-list",
    of_codes=runs_of_codes,
    get_kept=get_comparison,
    keep=_keep,
    context=_context,
)
