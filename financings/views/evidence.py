"""The page of evidence of one financing: what central banks ask to be shown, what was, and entering it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from financings.access import can_enter_evidence, get_financing, require_can_enter_evidence
from financings.evaluation import Evaluation
from financings.evidence import entries
from financings.models import EvidenceState, Financing
from financings.services.enter_evidence import enter_evidence
from financings.views.shown import facility_lines
from lib.errors import Invalid
from projects.access import can_edit, require_edit
from ratings.scales import symbols_of

SHOWN_ENTRIES = 50
BADGES = {"shown": "pass", "refuted": "fail", "missing": "warn"}
EVERY_STRUCTURE = "project"


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: PersonRequest, code: UUID) -> HttpResponse:
    """What was shown of a financing; administrators enter more."""
    financing = get_financing(request.user, code)
    if request.method != "POST":
        return _page(request, financing)
    require_can_enter_evidence(request.user)
    require_edit(request.user, financing.project)
    try:
        entry = _entered(request, financing)
    except Invalid as error:
        return _page(request, financing, error.problems)
    messages.success(request, f"Entered: {entry}. The verdicts below take it into account.")
    return redirect("evidence", financing.code)


def _entered(request: PersonRequest, financing: Financing) -> str:
    typed = {name: request.POST.get(name, "").strip() for name in ("fact", "state", "symbol", "source", "seen_on")}
    entry = enter_evidence(
        by=request.user,
        financing=financing,
        fact=typed["fact"],
        state=typed["state"],
        symbol=typed["symbol"],
        source=typed["source"],
        seen_on=_day(typed["seen_on"]),
        for_project=request.POST.get("reach") == EVERY_STRUCTURE,
    )
    return f"{entry.fact.replace('_', ' ')} {entry.get_state_display().lower()}"


def _page(request: PersonRequest, financing: Financing, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    evaluation = Evaluation(financing)
    labels = {fact.code: fact.label for fact in evaluation.facts}
    may_write = can_enter_evidence(request.user) and can_edit(request.user, financing.project)
    context = {
        "section": "projects",
        "financing": financing,
        "project": financing.project,
        "facts": [
            (fact, BADGES[fact.stands], symbols_of(financing.rule_set.content, fact.agency))
            for fact in evaluation.facts
        ],
        "facilities": facility_lines(evaluation.collateral),
        "entries": [(labels.get(e.fact, e.fact), e) for e in entries(financing)[:SHOWN_ENTRIES]],
        "may_write": may_write,
        "typed": request.POST if problems else {},
        "problems": problems,
        "states": EvidenceState,
        "today": timezone.localdate(),
    }
    return render(request, "financings/evidence.html", context, status=400 if problems else 200)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
