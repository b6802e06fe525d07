"""Notes issued in the house: what a deal might buy of them, taken among its candidates."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.policies import require
from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid
from portfolios.access import PREPARE, get_deal
from portfolios.issued import get_issued, issued_notes
from portfolios.models import Deal, TakenNote
from portfolios.services.take_note import ASKED, take_note
from portfolios.tape import TITLES, industries
from portfolios.views.deals import rights

CHOICES = {"moodys_industry": "moodys", "s_p_industry": "sp"}
HELP = {
    "moodys_recovery_rate_23": "A fraction, such as 0.45.",
    "market_value": "Percent of par.",
    "country": "Of the issuer.",
    "moodys_rating_warf": "What the rating factor is read from.",
}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def notes(request: PersonRequest, code: UUID) -> HttpResponse:
    """The classes offered; ?note= opens one with what its papers do not say."""
    deal = get_deal(request.user, code)
    if request.method != "POST":
        return _page(request, deal)
    require(request.user, PREPARE)
    if not request.POST.get("note"):
        return _page(request, deal, (Problem("required", "note", "Class of notes: choose one."),))
    note = get_issued(request.user, request.POST["note"])
    asked = {name: request.POST.get(name, "")[:200] for name in ASKED}
    try:
        take_note(by=request.user, deal=deal, note=note, asked=asked, source=request.POST.get("source", ""))
    except Invalid as error:
        return _page(request, deal, error.problems)
    messages.success(request, f"{note.title} is among the candidates: a basket may buy it.")
    return redirect("clo-baskets", deal.code)


def _page(request: PersonRequest, deal: Deal, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    typed = request.POST if request.method == "POST" else request.GET
    chosen = get_issued(request.user, typed["note"]) if typed.get("note") else None
    context = {
        "section": "clo",
        "deal": deal,
        "offered": issued_notes(request.user),
        "chosen": chosen,
        "terms": [(TITLES[name], text) for name, text in chosen.cells.items()] if chosen else [],
        "fields": [(name, TITLES[name], typed.get(name, ""), HELP.get(name, ""), _choices(name)) for name in ASKED],
        "source": typed.get("source", ""),
        "taken": TakenNote.objects.filter(deal=deal).select_related("made_by"),
        "problems": problems,
        **rights(request),
    }
    return render(request, "portfolios/notes.html", context, status=400 if problems else 200)


def _choices(name: str) -> list[str]:
    return sorted(industries(CHOICES[name]).values()) if name in CHOICES else []
