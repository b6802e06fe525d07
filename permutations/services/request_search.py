"""Asks for a search between the points of a finished run; a worker does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from engine.errors import InputProblems
from engine.permutations import LeverSet
from engine.permutations.search import SearchTerms
from jobs.access import require_quota
from jobs.models import JobState
from jobs.queue import enqueue_job
from lib.errors import Invalid
from lib.verbs import refuse, save_checked
from permutations.access import get_run, require_can_run
from permutations.models import Run, Search


def request_search(*, by: User, run: Run, terms: Mapping[str, Any], enqueue: bool = True) -> Search:
    """The search, queued; raises NotFound for outsiders, Forbidden for those who may not run, Invalid for the rest."""
    run = get_run(by, run.code)
    require_can_run(by)
    _require_searchable(run)
    try:
        read = SearchTerms.from_dict(terms, LeverSet.from_dict(run.lever_set))
    except InputProblems as error:
        raise Invalid(error.problems) from error
    with transaction.atomic():
        search = Search(
            run=run, terms=read.to_dict(), engine_version=ENGINE_VERSION, requested_by=by, title=run.project.title
        )
        require_quota(by, search)
        save_checked(search)
        audit.record(by=by, action="search.requested", target=search, after={"run": str(run.code), **search.terms})
        if enqueue:
            transaction.on_commit(lambda: enqueue_job(search))
    return search


def _require_searchable(run: Run) -> None:
    """Nothing; Invalid unless the run's rows are finished and this engine's own."""
    if run.state != JobState.DONE:
        raise refuse(
            "not_done", "run", f"The run is {run.get_state_display().lower()}: only a finished one is searched."
        )
    if run.engine_version != ENGINE_VERSION:
        message = f"The run is of engine {run.engine_version}, this is {ENGINE_VERSION}: run it again, then search."
        raise refuse("engine_changed", "run", message)
