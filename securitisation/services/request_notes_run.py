"""Asks for runs of versions of structures; workers run them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from engine.errors import InputProblems
from jobs.access import require_quota
from jobs.queue import enqueue_job
from lib.errors import Invalid
from lib.verbs import save_checked
from securitisation.access import require_prepare
from securitisation.models import NotesRun, StructureVersion
from securitisation.run_terms import RunTerms


@transaction.atomic
def request_notes_run(
    *, by: User, version: StructureVersion, terms: Mapping[str, Any], enqueue: bool = True
) -> NotesRun:
    """The run, queued; raises Invalid for terms that cannot be."""
    require_prepare(by)
    try:
        read = RunTerms.from_dict(terms)
    except InputProblems as error:
        raise Invalid(error.problems) from error
    run = NotesRun(
        version=version,
        terms=read.to_dict(),
        engine_version=ENGINE_VERSION,
        total_count=read.count,
        requested_by=by,
        title=str(version),
    )
    require_quota(by, run)
    save_checked(run)
    audit.record(by=by, action="notes_run.requested", target=run, after={"version": str(version), "terms": run.terms})
    if enqueue:
        transaction.on_commit(lambda: enqueue_job(run))
    return run


@transaction.atomic
def request_notes_runs(
    *, by: User, versions: Sequence[StructureVersion], terms: Mapping[str, Any], enqueue: bool = True
) -> list[NotesRun]:
    """A run of each version under the same terms: every one, or none where one is refused."""
    return [request_notes_run(by=by, version=each, terms=terms, enqueue=enqueue) for each in versions]
