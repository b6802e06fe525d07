"""Asks for the papers of a run; a worker makes them."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from engine.errors import Problem
from jobs.access import require_quota
from jobs.models import JobState
from jobs.queue import enqueue_job
from lib.errors import Invalid
from lib.verbs import refuse, save_checked
from securitisation.access import get_run, require_prepare
from securitisation.models import NotesPack, NotesRun


@transaction.atomic
def request_notes_pack(
    *, by: User, run: NotesRun, organisation: str, confidentiality: str, period: int = 1, enqueue: bool = True
) -> NotesPack:
    """The draft, queued; Invalid for a run without a result, and for terms that cannot be."""
    run = get_run(by, run.code)
    require_prepare(by)
    if run.state != JobState.DONE:
        raise refuse("no_result", "run", "Papers are made of a run that is done: wait for its result.")
    words = {"organisation": organisation.strip(), "confidentiality": confidentiality.strip()}
    _require_terms(run, period, words)
    pack = NotesPack(run=run, period=period, requested_by=by, title=f"Papers of {run.version}", **words)
    require_quota(by, pack)
    save_checked(pack)
    audit.record(
        by=by, action="notes_pack.requested", target=pack, after={"run": str(run.code), "period": period, **words}
    )
    if enqueue:
        transaction.on_commit(lambda: enqueue_job(pack))
    return pack


def _require_terms(run: NotesRun, period: int, words: dict[str, str]) -> None:
    asked = {
        "organisation": "the name of the organisation that sends the papers",
        "confidentiality": "how private they are",
    }
    problems = [Problem("missing", name, f"Expected {what}.") for name, what in asked.items() if not words[name]]
    dates = len(run.summary["paths"]["dates"])
    if not 1 <= period <= dates:
        problems.append(Problem("out_of_range", "period", f"Payment date: expected 1 to {dates}, got {period}."))
    if problems:
        raise Invalid(problems)
