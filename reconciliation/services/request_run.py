"""Asks for a reconciliation of one business day; a worker does it."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine import ENGINE_VERSION
from jobs.access import require_quota
from jobs.queue import enqueue_job
from lib.verbs import refuse, save_checked
from reconciliation.access import RUN, require_may
from reconciliation.models import Definition, ReconciliationRun
from reconciliation.queries import files_of_day, terms_in_force


def request_run(*, by: User, definition: Definition, business_date: date, enqueue: bool = True) -> ReconciliationRun:
    """The run, queued; Invalid where nothing was received of the day or no terms are in force."""
    require_may(by, RUN)
    terms = terms_in_force(business_date)
    if terms is None:
        raise refuse("terms", "business_date", "No reconciliation terms are in force on this day.")
    files = files_of_day(definition.sources.all(), business_date)
    total = sum(files.values_list("record_count", flat=True))
    if not total:
        raise refuse("nothing", "business_date", f"Nothing of {business_date} was received for {definition}.")
    run = ReconciliationRun(
        definition=definition,
        business_date=business_date,
        terms=terms,
        engine_version=ENGINE_VERSION,
        total_count=total,
        requested_by=by,
        title=definition.name,
    )
    with transaction.atomic():
        require_quota(by, run)
        save_checked(run)
        after = {
            "definition": definition.name,
            "business_date": str(business_date),
            "terms": terms.label,
            "files": list(files.values_list("sha256", flat=True)[:500]),
        }
        audit.record(by=by, action="reconciliation.requested", target=run, after=after)
        if enqueue:
            transaction.on_commit(lambda: enqueue_job(run))
    return run
