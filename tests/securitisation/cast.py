"""What the tests of the room share: a pool of two loans, a structure on it, one of each thing that a page is about."""

from typing import Any

from accounts.models import User
from financings.models import Financing
from jobs.work import work
from securitisation.models import LoanPool, NotesPack, NotesRun, NoteStructure, StructureVersion
from securitisation.queries import latest_version
from securitisation.services.make_pool import make_pool
from securitisation.services.request_notes_pack import request_notes_pack
from securitisation.services.request_notes_run import request_notes_run
from securitisation.services.tapes import open_tape, take_tape
from securitisation.services.write_structure import change_structure, make_structure

HEADER = "Loan ID,Currency,Current balance,Interest rate,Remaining term,Amortisation,Borrower,Sector,Rating\n"
ROWS = (
    "L1,GBP,600000,6%,24,annuity,Quay Ltd,Data centre,BBB\n"
    "L2,GBP,400000,0.05,36,interest only,Pier Ltd,Data centre,BB\n"
)
TAPE = (HEADER + ROWS).encode()
DIRTY = (HEADER + ROWS + "L2,GBP,-5,6%,12,annuity,,,\nL4,EUR,100,abc,12,annuity,,,\n").encode()
SWAP: dict[str, Any] = {
    "code": "S", "name": "Rate swap", "kind": "rate", "notional_amount": 1_000_000.0, "fixed_rate": 0.045, "ends_months": 60,
    "counterparty": "Quay Bank",
}  # fmt: skip
SMALL: dict[str, Any] = {"cpr_rates": [0.0, 0.1], "cdr_rates": [0.0, 0.05]}


def tape_pool(by: User, name: str = "Two loans") -> LoanPool:
    """A pool of two loans: 600,000 as an annuity of 24 months at 6%, 400,000 interest-only for 36 months at 5%."""
    return take_tape(by=by, tape=open_tape(by=by, name=name, file_name="loans.csv", content=TAPE))


def tape_structure(by: User, name: str = "Two loan notes") -> NoteStructure:
    """The proposal for them."""
    return make_structure(by=by, name=name, pool=tape_pool(by))


def finished_run(by: User, structure: NoteStructure, **terms: Any) -> NotesRun:
    """A run of the last version, done in this process."""
    run = request_notes_run(by=by, version=latest_version(structure), terms={**SMALL, **terms}, enqueue=False)
    work(run.code)
    run.refresh_from_db()
    return run


def made_papers(by: User, run: NotesRun, period: int = 1) -> NotesPack:
    """The papers of a run as drafts, made in this process."""
    terms = {"organisation": "House of Notes", "confidentiality": "Private"}
    pack = request_notes_pack(by=by, run=run, period=period, enqueue=False, **terms)
    work(pack.code)
    pack.refresh_from_db()
    return pack


def hedged(by: User, structure: NoteStructure) -> StructureVersion:
    """The next version: with a rate swap of five years, and a legal final date of its first class."""
    before = latest_version(structure)
    first, *rest = before.content["classes"]
    content = {
        **before.content,
        "index_rate": 0.03,
        "classes": [{**first, "legal_final_months": 480}, *rest],
        "hedges": [SWAP],
        "interest_steps": [{"kind": "hedge", "target": "S", "when": "always"}, *before.content["interest_steps"]],
    }
    return change_structure(by=by, structure=structure, content=content, behaviour=before.behaviour)


def notes_things(by: User, financing: Financing) -> dict[str, Any]:
    """One of each, on a financing's debt."""
    pool = make_pool(by=by, financings=[financing.code])
    structure = make_structure(by=by, name="Campus notes", pool=pool)
    first, last = latest_version(structure), hedged(by, structure)
    run = finished_run(by, structure)
    return {
        "notes": structure,
        "notes_version": last,
        "notes_first_version": first,
        "notes_pool": pool,
        "notes_run": run,
        "notes_pack": made_papers(by, run),
        "notes_tape": open_tape(by=by, name="Tape", file_name="loans.csv", content=DIRTY),
    }
