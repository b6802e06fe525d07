"""Structures of notes: the list, a new one, one with its terms in words, and what differs between two versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from engine.notes.terms import NoteStructure as Papers
from engine.notes.words import trigger_words, waterfall_words
from financings.access import visible_financings
from financings.models import Financing
from lib.errors import Invalid, NotFound
from lib.numbers import whole_or_none
from lib.verbs import refuse
from reconciliation.access import may_see
from reconciliation.queries import hedges_of
from securitisation.access import (
    can_prepare,
    get_pool,
    get_structure,
    require_prepare,
    require_view,
    visible_pools,
    visible_structures,
)
from securitisation.differences import differences, result_differences
from securitisation.hedging import hedge_lines
from securitisation.models import TITLE_LENGTH, LoanPool, NoteStructure, StructureVersion
from securitisation.queries import last_result, latest_version, runs_of, versions_of
from securitisation.services.book_hedges import LABEL, book_hedges
from securitisation.services.make_pool import make_pool
from securitisation.services.write_structure import make_structure
from securitisation.shown import class_lines, fee_lines, figure_lines, trigger_lines
from securitisation.translate import engine_deal

PAGE_SIZE, SHOWN, SHOWN_CHOICES = 25, 20, 50


@signed_in
@require_safe
def structures(request: PersonRequest) -> HttpResponse:
    """Every structure with its classes and what the last run came to."""
    require_view(request.user)
    page = Paginator(visible_structures(request.user).select_related("owner"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "section": "notes",
        "page": page,
        "lines": [_line(each) for each in page.object_list],
        "may_prepare": can_prepare(request.user),
    }
    return render(request, "securitisation/structures.html", context)


def _line(found: NoteStructure) -> dict[str, Any]:
    version = latest_version(found)
    classes = version.content["classes"]
    return {
        "structure": found,
        "version": version,
        "classes": ", ".join(each["code"] for each in classes),
        "amount": sum(each["balance_amount"] for each in classes),
        "run": last_result(version),
    }


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def structure_new(request: PersonRequest) -> HttpResponse:
    """The form of a structure: a name, and the financings or the pool that back it."""
    require_prepare(request.user)
    if request.method != "POST":
        return _form(request)
    try:
        made = make_structure(by=request.user, name=request.POST.get("name", ""), pool=_backing(request))
    except Invalid as error:
        return _form(request, error.problems)
    return redirect("structure", made.code)


def _backing(request: PersonRequest) -> LoanPool:
    """The pool chosen, else one made of the financings chosen."""
    code, chosen = request.POST.get("pool", ""), request.POST.getlist("financing")
    if code and chosen:
        raise refuse("both", "pool", "Collateral: choose financings or a pool, not both.")
    if not code:
        return make_pool(by=request.user, financings=[text for text in chosen if _uuid(text)])
    if _uuid(code) is None:
        raise refuse("unknown_pool", "pool", "Collateral: this pool is not known.")
    try:
        return get_pool(request.user, code)
    except NotFound as error:
        raise refuse("unknown_pool", "pool", "Collateral: this pool is not known.") from error


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _form(request: PersonRequest, problems: Sequence[Problem] = ()) -> HttpResponse:
    chosen = request.POST.getlist("financing") or [request.GET.get("financing", "")]
    financings = _choices(request, chosen)
    first = next((each for each in financings if str(each.code) in chosen), None)
    places = {problem.place for problem in problems}
    context = {
        "section": "notes",
        "name": request.POST.get("name", f"{first.project.title} notes"[:TITLE_LENGTH] if first else ""),
        "name_length": TITLE_LENGTH,
        "name_invalid": "name" in places,
        "financings": [(each, str(each.code) in chosen) for each in financings],
        "pools": [
            (each, str(each.code) == request.POST.get("pool", ""))
            for each in visible_pools(request.user)[:SHOWN_CHOICES]
        ],
        "problems": problems,
    }
    return render(request, "securitisation/structure_new.html", context, status=422 if problems else 200)


def _choices(request: PersonRequest, chosen: Sequence[str]) -> list[Financing]:
    """The financings to choose among: those asked for, then the latest."""
    codes = [found for found in map(_uuid, chosen) if found]
    seen = visible_financings(request.user)
    first = list(seen.filter(code__in=codes))
    return [*first, *seen.exclude(code__in=codes)[:SHOWN_CHOICES]]


@signed_in
@require_safe
def structure(request: PersonRequest, code: UUID) -> HttpResponse:
    """A structure: its classes, priorities in words, runs and versions."""
    found = get_structure(request.user, code)
    version = _asked_for(request, found) or latest_version(found)
    deal = engine_deal(version)
    result = last_result(version)
    context = {
        "section": "notes",
        "structure": found,
        "version": version,
        "is_latest": version == latest_version(found),
        "classes": class_lines(deal.structure, deal.pool.balance_amount),
        "pool_amount": deal.pool.balance_amount,
        "notes_amount": deal.structure.notes_amount,
        "figures": figure_lines(deal),
        "fees": fee_lines(deal.structure),
        "triggers": trigger_lines(deal.structure),
        "hedges": hedge_lines(deal.structure),
        "priorities": [
            ("Interest", "", waterfall_words(deal.structure, "interest_steps")),
            ("Principal", "", waterfall_words(deal.structure, "principal_steps")),
            *_after_enforcement(deal.structure),
        ],
        "result": result,
        "runs": runs_of(found)[:SHOWN],
        "versions": versions_of(found)[:SHOWN],
        "may_prepare": can_prepare(request.user),
        "may_be_hedged": bool(deal.structure.hedges) or version.pool.financings.exists(),
        "hedge_files": hedges_of(LABEL, found.code) if may_see(request.user) else (),
    }
    return render(request, "securitisation/structure.html", context)


def _after_enforcement(structure: Papers) -> list[tuple[str, str, tuple[str, ...]]]:
    """Its title, from when it stands, and its lines; nothing where the papers do not provide for it."""
    if not structure.enforcement_steps:
        return []
    began = f"In place of both, for all money, if {trigger_words(structure)[structure.enforcement_trigger]}."
    return [("Post-enforcement", began, waterfall_words(structure, "enforcement_steps"))]


@signed_in
@require_POST
def structure_hedges(request: PersonRequest, code: UUID) -> HttpResponse:
    """The swaps of the structure, the issuer's and its financings', booked in reconciliation; back to the structure with what was done."""
    found = get_structure(request.user, code)
    try:
        booked, kept = book_hedges(by=request.user, structure=found)
    except Invalid as error:
        messages.error(request, str(error))
    else:
        said = f"{sum(each.record_count for each in booked)} trades booked in reconciliation"
        messages.success(request, f"{said}; booked already by {', '.join(kept)}." if kept else f"{said}.")
    return redirect("structure", found.code)


def _asked_for(request: PersonRequest, found: NoteStructure) -> StructureVersion | None:
    return _numbered(found, request.GET.get("version", ""))


def _numbered(found: NoteStructure, text: str) -> StructureVersion | None:
    """The version of a number; None where none is asked for, NotFound where there is none."""
    if not text:
        return None
    number = whole_or_none(text, 6) or 0
    version = versions_of(found).filter(number=number).first()
    if version is None:
        raise NotFound("The structure has no such version.")
    return version


@signed_in
@require_safe
def changes(request: PersonRequest, code: UUID) -> HttpResponse:
    """Two versions side by side: what differs of their terms, and of their results."""
    found = get_structure(request.user, code)
    new = _numbered(found, request.GET.get("to", "")) or latest_version(found)
    old = (
        _numbered(found, request.GET.get("from", "")) or versions_of(found).filter(number__lt=new.number).first() or new
    )
    before, after = last_result(old), last_result(new)
    context = {
        "section": "notes",
        "structure": found,
        "old": old,
        "new": new,
        "versions": list(versions_of(found)),
        "may_prepare": can_prepare(request.user),
        "terms": differences(old, new),
        "before": before,
        "after": after,
        "results": result_differences(before.summary, after.summary) if before and after else [],
    }
    return render(request, "securitisation/changes.html", context)
