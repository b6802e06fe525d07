"""The term sheet of one class, its terms in the order in which a prospectus summary takes them.

What no figure of the platform says, such as the listing, stands in square brackets: it is agreed with the documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from documents.rendering.templating import day
from engine.notes.terms import CouponKind
from lib import figures
from securitisation.hedging import hedge_lines
from securitisation.papers.facts import NotesFacts
from securitisation.papers.paper import Fields, paper_of

TITLE = "Term sheet"
OPEN = "[to be agreed]"
MONTHS = {1: "monthly", 3: "quarterly", 6: "half-yearly", 12: "yearly"}


def term_sheet_of(facts: NotesFacts, code: str) -> bytes:
    """The sheet of one class as a PDF."""
    found = next(each for each in facts.classes if each["code"] == code)
    return paper_of(facts, f"{TITLE}, {found['name']}", "term_sheet.html", lambda: _fields(facts, found))


def _fields(facts: NotesFacts, found: dict[str, Any]) -> Fields:
    groups = [
        ("The notes", _notes(facts, found)),
        ("Interest", _interest(facts, found)),
        ("Redemption", _redemption(facts, found)),
        ("Support and priority", _support(facts, found)),
        ("Ratings and investors", _investors(facts, found)),
        ("General", _general(facts)),
    ]
    return {
        "class": found,
        "groups": [(title, list(lines)) for title, lines in groups],
        "priorities": facts.priorities,
        "triggers": facts.triggers,
    }


def _notes(facts: NotesFacts, found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    structure = facts.deal.structure
    yield "Issuer", f"{facts.title}, a special-purpose company of limited recourse {OPEN}"
    yield "Notes", f"{found['name']}, {found['coupon']}"
    yield "Status", _status(facts, found["code"])
    yield "Currency", facts.currency
    yield "Principal amount", figures.money(found["balance_amount"], facts.currency)
    yield "Denomination", OPEN
    yield "Issue price", f"100.00%, at which the yield is {figures.percent(found['yield_rate'])}"
    yield "Issue date", day(structure.closing_date)
    yield (
        "Collateral",
        f"{figures.count(len(facts.loans))} loan{'' if len(facts.loans) == 1 else 's'} of {figures.money(facts.pool_amount, facts.currency)}",
    )


def _status(facts: NotesFacts, code: str) -> str:
    """Which classes it ranks behind, beside and ahead of."""
    structure = facts.deal.structure
    ranks = dict(zip((each.code for each in structure.classes), structure.ranks, strict=True))
    names = {each.code: each.name for each in structure.classes}
    own = ranks[code]
    others = [(names[other], rank) for other, rank in ranks.items() if other != code]
    said = (
        ("behind", [name for name, rank in others if rank < own]),
        ("beside", [name for name, rank in others if rank == own]),
        ("ahead of", [name for name, rank in others if rank > own]),
    )
    told = "; ".join(f"{word} {', '.join(found)}" for word, found in said if found)
    return f"Secured, of limited recourse; ranks {told or 'alone'}, ahead of equity"


def _interest(facts: NotesFacts, found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    structure = facts.deal.structure
    note = next(each for each in structure.classes if each.code == found["code"])
    if note.coupon_kind is CouponKind.FLOATING:
        index = f"; the index is read at {figures.agreed(structure.index_rate, 'rate')}, so {figures.agreed(found['coupon_rate'], 'rate')} at closing"
        yield "Rate of interest", f"{found['coupon']}{index}, never below nil"
    else:
        yield "Rate of interest", f"{found['coupon']} a year, fixed"
    yield (
        "Payment dates",
        f"{MONTHS.get(structure.payment_frequency_months, f'every {structure.payment_frequency_months} months').capitalize()}, the first on {day(facts.result.periods[0])}",
    )
    yield "Day count", "30/360"
    if note.ard_months:
        ard = f"After {figures.months(note.ard_months)}; from then {figures.agreed(note.step_up_bps, 'bps')} more, and what is left of income repays the class"
        yield "Anticipated repayment", ard
    yield (
        "Deferral",
        (
            "Interest that is not paid is deferred, bears interest at the rate of the class, and is no default"
            if note.deferrable
            else "None: interest that is not paid when due is a shortfall"
        ),
    )


def _redemption(facts: NotesFacts, found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    structure = facts.deal.structure
    repaid = found["repaid_on"]
    yield "Legal final maturity", day(found["legal_final"])
    yield "Expected maturity", day(repaid) if repaid else "Not repaid in full in the base case"
    yield "Average life", f"{figures.years(found['wal_years'])} in the base case"
    yield "Principal", f"From collections of principal, {dict(facts.terms)['Principal'].lower()}"
    call = f"At {figures.agreed(structure.clean_up_ratio, 'share')} of the pool's first balance, at its balance, if that pays every class"
    yield "Clean-up call", call if structure.clean_up_ratio else "None"


def _support(facts: NotesFacts, found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "Credit enhancement", f"{figures.share(found['enhancement_ratio'])} of the pool below it"
    yield (
        "Attachment and detachment",
        f"{figures.share(found['attachment_ratio'])} and {figures.share(found['detachment_ratio'])} of the pool",
    )
    yield "Excess spread", f"{figures.percent(facts.excess_spread)} a year at closing"
    yield "Reserve", dict(facts.terms)["Reserve"]
    stands = found["break_even"]
    cdr = "any default rate" if stands["cdr"] is None else f"a CDR of {figures.percent(stands['cdr'])}"
    yield "Loses nothing up to", f"{cdr}, the rest as in the base case"
    yield "Fees ahead of it", "; ".join(f"{name}: {words}" for name, words in facts.fees) or "None"
    yield (
        "Hedges",
        "; ".join(
            [
                *(f"{name}: {words}" for name, words in hedge_lines(facts.deal.structure)),
                *(f"{each.title}: {label}" for each in facts.projects for label, _ in each.hedges),
            ]
        )
        or "None of the issuer's",
    )


def _investors(facts: NotesFacts, found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    target = f"; target {found['target_rating']}" if found["target_rating"] else ""
    yield "Rating", f"Indicated by the model: {found['rating']}{target}. No agency has rated the notes"
    yield "Risk weight", f"{figures.share(found['risk_weight'])} by SEC-SA at 8% for the pool"
    equity = f"{figures.money(facts.equity_amount, facts.currency)}, {figures.share(facts.equity_amount / facts.pool_amount)} of the pool, stands below the notes"
    yield "Risk retention", f"{equity}. Who retains it, and in which form, under EU and UK rules: {OPEN}"


def _general(facts: NotesFacts) -> Iterator[tuple[str, str]]:
    enforced = facts.deal.structure.enforcement_trigger
    yield "Enforcement", f"Once trigger {enforced} is breached, by the priority after enforcement" if enforced else OPEN
    for label in ("Form and clearing", "Listing", "Governing law", "Selling restrictions"):
        yield label, OPEN
