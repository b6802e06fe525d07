"""Books the swaps of a structure in reconciliation: the issuer's own, and its financings' where no issued pack of theirs has done so."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from documents.facts.hedges import inflation_swap_of, return_swap_of
from documents.hedge_trades import hedge_trades
from engine.project.calendar import calendar_of, own_close
from financings.evaluation import Evaluation
from financings.models import Financing
from lib.verbs import refuse
from reconciliation.models import ReceivedFile
from reconciliation.queries import standing_hedges
from reconciliation.services.receive_hedges import Origin, receive_hedges
from securitisation.access import get_structure, require_prepare
from securitisation.hedging import issuer_trades
from securitisation.models import NoteStructure
from securitisation.queries import latest_version
from securitisation.translate import engine_deal

LABEL = "securitisation.NoteStructure"
CODE_LENGTH = 8


@transaction.atomic
def book_hedges(*, by: User, structure: NoteStructure) -> tuple[list[ReceivedFile], list[str]]:
    """The files of the trades, the issuer's and one a financing with swaps, and what had booked the others' before.

    Done again the files are the same; those of an earlier version are superseded. Invalid for a structure without a swap of its
    own whose pool is a tape: a loan brings none.
    """
    require_prepare(by)
    structure = get_structure(by, structure.code)
    version = latest_version(structure)
    financings = list(version.pool.financings.order_by("pk"))
    deal, is_booked = engine_deal(version), standing_hedges(structure.code).exists()
    if not (financings or deal.structure.hedges or is_booked):
        message = "Hedges: the issuer has no swap, and the pool no financing of this platform that could."
        raise refuse("no_financings", "structure", message)
    own = Origin(LABEL, structure.code, f"{structure.name}, issuer"[:120], structure.code)
    closing = deal.structure.closing_date
    row = receive_hedges(by=by, origin=own, trades=issuer_trades(deal), business_date=closing)
    booked: list[ReceivedFile] = [row] if row else []
    kept: list[str] = []
    for financing in financings:
        origin = Origin(LABEL, structure.code, f"{structure.name}, {financing}"[:120], financing.project.code)
        other = standing_hedges(origin.about).exclude(origin_label=LABEL).first()
        if other is not None:
            kept.append(other.origin_name)
        elif row := _booked(by, origin, financing, f"{version.content['code']}-{financing.content_hash[:CODE_LENGTH]}"):
            booked.append(row)
    after = {"version": version.number, "files": [each.sha256 for each in booked], "kept": kept}
    audit.record(by=by, action="note_structure.hedges_booked", target=structure, after=after)
    return booked, kept


def _booked(by: User, origin: Origin, financing: Financing, name: str) -> ReceivedFile | None:
    evaluation = Evaluation(financing)
    inputs, structure = evaluation.deal.inputs, evaluation.structure
    close = own_close(inputs) or timezone.localdate()
    calendar = calendar_of(inputs, close)
    swaps = inflation_swap_of(structure, calendar.month_date), return_swap_of(structure, calendar.month_date)
    trades = hedge_trades(name, financing.currency, calendar.operations, *swaps)
    return receive_hedges(by=by, origin=origin, trades=trades, business_date=close)
