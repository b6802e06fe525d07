"""What the securitisation room adds to the house."""

from collections.abc import Mapping
from typing import Any

from accounts import audit
from accounts.audit_pages.targets import show_at
from accounts.policies import may
from lib import navigation, personal, slots
from securitisation.access import VIEW, can_prepare
from securitisation.kinds import register_kinds
from securitisation.models import LoanPool, LoanTape, NotesPack, NotesPackLink, NoteStructure, StructureVersion
from securitisation.offering import offered_notes
from securitisation.shared_packs import register_packs

WORDS = {
    "loan_pool.taken": "Pool of loans taken",
    "loan_tape.discarded": "Loan tape put away",
    "loan_tape.mapped": "Loan tape's columns mapped",
    "loan_tape.mended": "Loan tape corrected",
    "loan_tape.opened": "Loan tape taken in",
    "loan_tape.taken": "Loan tape taken as a pool",
    "note_structure.made": "Structure of notes made",
    "note_structure.hedges_booked": "Hedges of notes booked",
    "note_structure.changed": "Structure of notes changed",
    "notes_pack.cancelled": "Pack of notes cancelled",
    "notes_pack.issue_asked": "Issue of a pack of notes asked",
    "notes_pack.issued": "Pack of notes issued",
    "notes_pack.requested": "Pack of notes requested",
    "notes_pack.withdrawn": "Pack of notes withdrawn",
    "notes_run.cancelled": "Run of notes cancelled",
    "notes_run.requested": "Run of notes requested",
}


def join() -> None:
    """The room's line, jobs, words, fragment, and what it holds of people, are known from now on."""
    audit.declare(WORDS)
    personal.hold(LoanPool, LoanTape, NotesPack, NotesPackLink, NoteStructure, StructureVersion)
    personal.mention(NotesPackLink, "recipient")
    personal.mention(LoanTape, "corrections")
    register_kinds()
    register_packs()
    show_at("securitisation.NoteStructure", "structure")
    show_at("securitisation.LoanTape", "loan-tape")
    show_at("securitisation.LoanPool", "loan-pool")
    show_at("securitisation.NotesRun", "notes-run")
    show_at("securitisation.NotesPack", "notes-pack")
    slots.fill("financing.actions", "securitisation/fragments/financing_action.html", may_securitise, 60)
    slots.answer("portfolios.notes", offered_notes)
    navigation.add(navigation.Entry("notes", "Notes", "structures", 34, is_for=_reads))


def may_securitise(page: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Nothing to add for those who may make notes of the financing; None, which shows nothing, for all others."""
    has_debt = bool((page.get("row") or {}).get("senior_amount"))
    return {} if has_debt and can_prepare(page["request"].user) else None


def _reads(person: Any) -> bool:
    return may(person, VIEW)
