"""Asks for the documents of one permutation; a worker makes them."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts import audit
from accounts.models import User
from documents.access import require_can_make
from documents.models import Pack, PackStatus
from documents.services._packs import audited_pack
from engine.errors import Problem
from jobs.access import require_quota
from jobs.claims import queue_again
from jobs.models import JobState
from jobs.queue import enqueue_job
from lib.errors import Invalid
from lib.verbs import refuse, save_checked
from permutations.access import get_run
from permutations.models import Run
from permutations.results import result_row

FIRST_CLOSE, LAST_CLOSE = date(2000, 1, 1), date(2100, 12, 31)


def request_pack(
    *,
    by: User,
    run: Run,
    index: int,
    close_date: date,
    organisation: str,
    confidentiality: str,
    enqueue: bool = True,
) -> Pack:
    """The draft, queued; the same one again where the same was asked for before and neither issued nor withdrawn."""
    get_run(by, run.code)
    require_can_make(by)
    _require_structure(run, index)
    words = {"organisation": organisation.strip(), "confidentiality": confidentiality.strip()}
    _require_terms(close_date, **words)
    with transaction.atomic():
        # One at a time asks for packs of a run: the second finds the first one's draft.
        Run.objects.select_for_update(of=("self",)).get(id=run.pk)
        same = Pack.objects.filter(
            run=run, permutation_index=index, close_date=close_date, status=PackStatus.DRAFT, **words
        )
        pack = same.first()
        if pack is None:
            title = f"{run.project.title}, permutation {index:,}"
            pack = Pack(run=run, permutation_index=index, close_date=close_date, requested_by=by, title=title, **words)
            require_quota(by, pack)
            save_checked(pack)
            audit.record(by=by, action="pack.requested", target=pack, after=audited_pack(pack))
        else:
            queue_again(pack)
        waiting = pack
        if enqueue and waiting.is_active:
            transaction.on_commit(lambda: enqueue_job(waiting))
    return pack


def _require_structure(run: Run, index: int) -> None:
    """Nothing; NotFound or Invalid for what no document can speak of."""
    if run.project.is_closed:
        raise refuse(
            "closed", "project", f"This project is {run.project.get_status_display().lower()}: restore it first."
        )
    if run.state != JobState.DONE:
        raise refuse("not_done", "run", f"Expected a run that is done; this one is {run.get_state_display().lower()}.")
    if not (result_row(run, index).get("senior_amount") or 0.0) > 0.0:
        raise refuse("no_debt", "index", f"Permutation {index:,} raises no debt: choose one with debt to document.")


def _require_terms(close_date: date, organisation: str, confidentiality: str) -> None:
    problems = [
        Problem("missing", place, f"Expected {what}.")
        for place, words, what in (
            ("organisation", organisation, "the name of the organisation that sends the pack"),
            ("confidentiality", confidentiality, "how private it is, such as Strictly private and confidential"),
        )
        if not words
    ]
    if not FIRST_CLOSE <= close_date <= LAST_CLOSE:
        sentence = f"Expected a close between {FIRST_CLOSE:%Y} and {LAST_CLOSE:%Y}, got {close_date.isoformat()}."
        problems.append(Problem("out_of_range", "close_date", sentence))
    if problems:
        raise Invalid(problems)
