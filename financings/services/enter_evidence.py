"""Enters what was seen of a fact that central banks ask for."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from engine.errors import Problem
from financings.access import get_financing, require_can_enter_evidence
from financings.evidence import RATING, asked_facts, entries_that_hold
from financings.models import Evidence, EvidenceState, Financing
from lib.errors import Invalid
from lib.verbs import save_checked
from projects.access import get_project, require_edit
from ratings.scales import notch_of_symbol, symbols_of
from records.problems import text_problem

LONGEST_SOURCE = 1_000


def enter_evidence(
    *,
    by: User,
    financing: Financing,
    fact: str,
    state: str,
    source: str,
    seen_on: date | None,
    symbol: str = "",
    for_project: bool = False,
) -> Evidence:
    """The entry, which holds from now on for the financing, or for every one of the project.

    Raises Invalid with every problem, NotFound for outsiders, Forbidden for those who only read.
    """
    financing = get_financing(by, financing.code)
    require_can_enter_evidence(by)
    with transaction.atomic():
        project = get_project(by, financing.project.code)
        require_edit(by, project)
        source, symbol = source.strip(), symbol.strip()
        problems = [
            *_fact_problems(financing, fact, state, symbol, for_project),
            *_said_problems(source, seen_on),
        ]
        if problems or seen_on is None:
            raise Invalid(problems)
        entry = Evidence(
            project=project,
            financing=None if for_project else financing,
            fact=fact,
            state=state,
            symbol=symbol,
            source=source,
            seen_on=seen_on,
            entered_by=by,
        )
        save_checked(entry)
        after = {
            "project": str(project.code),
            "financing": "" if for_project else str(financing.code),
            "fact": fact,
            "state": state,
            "symbol": symbol,
            "source": source,
            "seen_on": str(seen_on),
        }
        audit.record(by=by, action="evidence.entered", target=entry, after=after)
    return entry


def _fact_problems(financing: Financing, fact: str, state: str, symbol: str, for_project: bool) -> list[Problem]:
    asked = asked_facts(financing)
    if fact not in asked:
        return [Problem("unknown_fact", "fact", f"Fact: expected one of {', '.join(asked)}, got {fact!r}.")]
    if state not in EvidenceState.values:
        return [Problem("unknown_state", "state", f"State: expected {', '.join(EvidenceState.values)}, got {state!r}.")]
    found = []
    if state == EvidenceState.TAKEN_BACK:
        held = next((entry for entry in entries_that_hold(financing) if entry.fact == fact), None)
        if held is None or held.is_of_project != for_project:
            found.append(Problem("nothing_held", "state", "There is no evidence of this reach to take back."))
    elif fact.startswith(RATING):
        found += _rating_problems(financing, fact.removeprefix(RATING), state, symbol, for_project)
    return found


def _rating_problems(financing: Financing, agency: str, state: str, symbol: str, for_project: bool) -> list[Problem]:
    found = []
    if for_project:
        message = "A rating is of one structure: enter it for this financing."
        found.append(Problem("rating_of_project", "for_project", message))
    if state != EvidenceState.SHOWN:
        message = "A rating is obtained or taken back: enter its symbol, however low."
        found.append(Problem("rating_state", "state", message))
    elif notch_of_symbol(financing.rule_set.content, agency, symbol) is None:
        known = symbols_of(financing.rule_set.content, agency)
        asked = (
            f"expected a symbol of {agency}'s scale, {known[0]} to {known[-1]}" if known else "there is no scale of it"
        )
        message = f"Rating by {agency}: {asked}, got {symbol or 'nothing'}."
        found.append(Problem("unknown_symbol", "symbol", message))
    return found


def _said_problems(source: str, seen_on: date | None) -> list[Problem]:
    found = []
    if not source:
        message = "Source: say what was seen and where: the document, its date, its page."
        found.append(Problem("missing", "source", message))
    elif len(source) > LONGEST_SOURCE or text_problem(source):
        message = f"Source: expected printable text of at most {LONGEST_SOURCE:,} characters."
        found.append(Problem("text", "source", message))
    if seen_on is None:
        found.append(Problem("not_a_date", "seen_on", "Date: expected the day of the evidence, as YYYY-MM-DD."))
    elif seen_on > timezone.localdate():
        found.append(Problem("future", "seen_on", f"Date: expected today or before, got {seen_on}."))
    return found
