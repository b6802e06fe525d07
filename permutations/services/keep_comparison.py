"""Comparisons of runs under a name: kept, and dropped."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts import audit
from accounts.models import User
from lib.errors import Forbidden
from lib.verbs import refuse, save_checked
from permutations.comparison import FEWEST, MOST
from permutations.models import Run, RunComparison

MOST_KEPT = 50


@transaction.atomic
def keep_comparison(*, by: User, runs: Sequence[Run], name: str) -> RunComparison:
    """The comparison under its name; its link opens for whoever may see every run of it."""
    if not FEWEST <= len(runs) <= MOST:
        raise refuse("bad_choice", "of", f"Compare: tick {FEWEST} to {MOST} runs in the list, got {len(runs)}.")
    given = " ".join(name.split())
    if not given:
        raise refuse("missing", "name", "Name: give the comparison a name.")
    User.objects.select_for_update().get(pk=by.pk)  # so that two at once are counted one after the other
    if RunComparison.objects.filter(owner=by).count() >= MOST_KEPT:
        raise refuse("too_many", "name", f"You keep {MOST_KEPT} comparisons of runs: drop one first.")
    if RunComparison.objects.filter(owner=by, name=given).exists():
        raise refuse("repeated_name", "name", f"Name: you have a comparison called {given}. Choose another name.")
    kept = RunComparison(owner=by, name=given, run_codes=[str(run.code) for run in runs])
    save_checked(kept)
    audit.record(by=by, action="run_comparison.kept", target=kept, after=_told(kept))
    return kept


@transaction.atomic
def drop_comparison(*, by: User, kept: RunComparison) -> None:
    """Nothing; the comparison is gone, its runs stay."""
    if kept.owner_id != by.pk:
        raise Forbidden("Only who kept a comparison drops it.")
    audit.record(by=by, action="run_comparison.dropped", target=kept, before=_told(kept))
    kept.delete()


def _told(kept: RunComparison) -> dict[str, object]:
    return {"name": kept.name, "runs": kept.run_codes}
