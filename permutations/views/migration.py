"""Where the ratings of the run go under a scenario, on the stress page of a financing it found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from permutations.models import Run
from permutations.results.migration import rating_migration


def migration(page: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The migration under the grid's cell asked for, else its last, the harshest; None for what no run found."""
    evaluation, query = page["evaluation"], page["request"].GET
    scenarios = evaluation.deal.scenarios[1:]
    if not evaluation.origins or not scenarios or not evaluation.structure.runs:
        return None
    run = Run.objects.get(code=evaluation.origins[0].code)
    typed = query.get("cell", "")
    cell = int(typed) if typed.isdecimal() and 1 <= int(typed) <= len(scenarios) else len(scenarios)
    return {
        "migration": rating_migration(run, cell),
        "grid": [(each.number, each.label) for each in scenarios],
        "grid_number": cell,
        "only_best": run.keeps_only_best,
        "kept": [(name, value) for name, value in query.items() if name != "cell"],
    }
