"""The page of evidence of one permutation: what central banks ask to be shown, what was, and entering it."""

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
from lib.errors import Invalid
from permutations.access import can_run, get_run, require_can_enter_evidence
from permutations.evidence import collateral_verdicts, entries, facts
from permutations.models import EvidenceState, Run
from permutations.results import result_row
from permutations.services.enter_evidence import enter_evidence
from permutations.views.detail import facility_lines
from projects.access import can_edit, require_edit
from ratings.scales import symbols_of

SHOWN_ENTRIES = 50
BADGES = {"shown": "pass", "refuted": "fail", "missing": "warn"}
EVERY_STRUCTURE = "project"


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: PersonRequest, code: UUID, index: int) -> HttpResponse:
    """What was shown of a permutation; administrators enter more."""
    run = get_run(request.user, code)
    if request.method != "POST":
        result_row(run, index)
        return _page(request, run, index)
    require_can_enter_evidence(request.user)
    require_edit(request.user, run.project)
    try:
        entry = _entered(request, run, index)
    except Invalid as error:
        return _page(request, run, index, error.problems)
    messages.success(request, f"Entered: {entry}. The verdicts below take it into account.")
    return redirect("evidence", run.code, index)


def _entered(request: PersonRequest, run: Run, index: int) -> str:
    typed = {name: request.POST.get(name, "").strip() for name in ("fact", "state", "symbol", "source", "seen_on")}
    entry = enter_evidence(
        by=request.user,
        run=run,
        index=index,
        fact=typed["fact"],
        state=typed["state"],
        symbol=typed["symbol"],
        source=typed["source"],
        seen_on=_day(typed["seen_on"]),
        for_project=request.POST.get("reach") == EVERY_STRUCTURE,
    )
    return f"{entry.fact.replace('_', ' ')} {entry.get_state_display().lower()}"


def _page(request: PersonRequest, run: Run, index: int, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    found = facts(run, index)
    labels = {fact.code: fact.label for fact in found}
    may_write = can_run(request.user) and can_edit(request.user, run.project)
    context = {
        "section": "projects",
        "run": run,
        "project": run.project,
        "index": index,
        "facts": [(fact, BADGES[fact.stands], symbols_of(run.rule_set.content, fact.agency)) for fact in found],
        "facilities": facility_lines(collateral_verdicts(run, index)),
        "entries": [(labels.get(e.fact, e.fact), e) for e in entries(run, index)[:SHOWN_ENTRIES]],
        "may_write": may_write,
        "typed": request.POST if problems else {},
        "problems": problems,
        "states": EvidenceState,
        "today": timezone.localdate(),
    }
    return render(request, "permutations/evidence.html", context, status=400 if problems else 200)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
