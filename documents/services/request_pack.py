"""Asks for the documents of one financing; a worker makes them."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts import audit
from accounts.models import User
from documents.access import require_can_make
from documents.models import Pack, PackStatus
from documents.services._packs import audited_pack
from documents.translate import first_origin, said_origin
from engine.errors import Problem
from engine.project import ProjectInputs
from financings.access import get_financing
from financings.evaluation import Evaluation
from financings.models import Financing
from jobs.access import require_quota
from jobs.claims import queue_again
from jobs.queue import enqueue_job
from lib.errors import Invalid
from lib.verbs import refuse, save_checked

FIRST_CLOSE, LAST_CLOSE = date(2000, 1, 1), date(2100, 12, 31)


def request_pack(
    *,
    by: User,
    financing: Financing,
    close_date: date,
    organisation: str,
    confidentiality: str,
    enqueue: bool = True,
) -> Pack:
    """The draft, queued; the same one again where the same was asked for before and neither issued nor withdrawn."""
    financing = get_financing(by, financing.code)
    require_can_make(by)
    evaluation = Evaluation(financing)
    _require_structure(evaluation)
    words = {"organisation": organisation.strip(), "confidentiality": confidentiality.strip()}
    _require_terms(close_date, **words)
    _require_own_close(close_date, evaluation.deal.inputs)
    origin = said_origin(financing, first_origin(evaluation))
    with transaction.atomic():
        # One at a time asks for packs of a financing: the second finds the first one's draft.
        Financing.objects.select_for_update(of=("self",)).get(pk=financing.pk)
        same = Pack.objects.filter(financing=financing, close_date=close_date, status=PackStatus.DRAFT, **words)
        pack = same.first()
        if pack is None:
            pack = Pack(
                financing=financing,
                origin=origin,
                close_date=close_date,
                requested_by=by,
                title=f"{financing.project.title}, {financing}",
                **words,
            )
            require_quota(by, pack)
            save_checked(pack)
            audit.record(by=by, action="pack.requested", target=pack, after=audited_pack(pack))
        else:
            queue_again(pack)
        waiting = pack
        if enqueue and waiting.is_active:
            transaction.on_commit(lambda: enqueue_job(waiting))
    return pack


def _require_structure(evaluation: Evaluation) -> None:
    """Nothing; Invalid for what no document can speak of."""
    financing = evaluation.financing
    if financing.project.is_closed:
        status = financing.project.get_status_display().lower()
        raise refuse("closed", "project", f"This project is {status}: restore it first.")
    if not evaluation.structure.senior.amount > 0.0:
        raise refuse("no_debt", "financing", f"{financing} raises no debt: choose one with debt to document.")


def _require_own_close(close_date: date, inputs: ProjectInputs) -> None:
    """Nothing; Invalid where the project's own close is another day: all dates come from one calendar."""
    entered = inputs.construction.close_date
    if entered is not None and entered != close_date.isoformat():
        sentence = f"Expected the project's financial close, {entered}, got {close_date.isoformat()}: change it in the project."
        raise refuse("other_close", "close_date", sentence)


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
