"""A pack: asked for, followed, made again where it failed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from documents.access import can_make, get_document, get_pack, require_can_make, visible_packs
from documents.facts import Marks
from documents.forms import CONFIDENTIALITIES, LinkForm, PackForm, likely_close
from documents.issuing import issue_problems
from documents.lettering import unset_names
from documents.link_pages import links_context
from documents.making import LABEL
from documents.models import DocumentState, Pack
from documents.queries import pack_lines
from documents.services.regenerate_document import regenerate_document
from documents.services.request_pack import request_pack
from documents.services.retry_pack import retry_pack
from engine.project.calendar import HOLIDAYS, own_close
from financings.access import get_financing
from financings.evaluation import Evaluation
from financings.models import Financing
from financings.standing import SUPERSEDED
from jobs.access import may_cancel
from jobs.models import STOPPED_STATES, JobState
from lib.errors import Invalid
from permutations.access import get_run
from permutations.services.open_permutation import open_permutation
from reconciliation.access import may_see
from reconciliation.queries import hedges_of


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def pack_new(request: PersonRequest, code: UUID) -> HttpResponse:
    """The terms of a pack of one financing, and the packs made of it before."""
    financing = get_financing(request.user, code)
    require_can_make(request.user)
    if request.method != "POST":
        return _form(request, financing, PackForm(initial=_likely_terms(request.user, financing)))
    form = PackForm(request.POST)
    if not form.is_valid():
        return _form(request, financing, form)
    try:
        made = request_pack(by=request.user, financing=financing, **form.cleaned_data)
    except Invalid as error:
        for problem in error.problems:
            form.add_error(problem.place if problem.place in form.fields else None, problem.message)
        return _form(request, financing, form)
    return redirect("pack", made.code)


@signed_in
@require_POST
def run_pack(request: PersonRequest, code: UUID) -> HttpResponse:
    """A draft of the pack of the run's best permutation, on the terms that the form would offer."""
    run = get_run(request.user, code)
    require_can_make(request.user)
    best = run.top_results.order_by("rank").first()
    if best is None:
        messages.error(request, "No pack was made: no permutation of this run passed. Run again with other levers.")
        return redirect("run-detail", run.code)
    financing = open_permutation(by=request.user, run=run, index=best.permutation_index)
    try:
        made = request_pack(by=request.user, financing=financing, **_likely_terms(request.user, financing))
    except Invalid as error:
        messages.error(request, f"No pack was made. {error}")
        return redirect("pack-new", financing.code)
    return redirect("pack", made.code)


def _likely_terms(person: User, financing: Financing) -> dict[str, Any]:
    """The terms that a pack begins with: the likely close, the person's own organisation, the usual confidentiality."""
    inputs = Evaluation(financing).deal.inputs
    return {
        "close_date": likely_close(timezone.localdate(), own_close(inputs), HOLIDAYS[inputs.country]),
        "organisation": person.organisation or Marks().organisation,
        "confidentiality": Marks().confidentiality,
    }


@signed_in
@require_safe
def pack(request: PersonRequest, code: UUID) -> HttpResponse:
    """One pack: its documents as they are made, then to read, issue and send."""
    found = get_pack(request.user, code)
    if request.htmx:
        return render(request, "documents/fragments/documents.html", pack_context(request, found))
    return pack_page(request, found, LinkForm())


def pack_page(request: PersonRequest, found: Pack, link_form: LinkForm, status: int = 200) -> HttpResponse:
    """The page of a pack, with the form of its links as it was filled."""
    context = {**pack_context(request, found), "link_form": link_form}
    if context["can_make"] and found.is_issued:
        context |= links_context(request, found, "pack-link-make")
    context["hedge_files"] = hedges_of(LABEL, found.code) if may_see(request.user) else ()
    if context["can_make"] and context["can_issue"]:
        context |= issue_context(found)
    return render(request, "documents/pack.html", context, status=status)


def issue_context(found: Pack) -> dict[str, Any]:
    """What keeps a pack from being issued, and whether its financing opened again would cure that."""
    problems = issue_problems(found, Evaluation(found.financing))
    return {"issue_problems": problems, "is_superseded": any(each.code in SUPERSEDED for each in problems)}


def pack_context(request: PersonRequest, found: Pack) -> dict[str, Any]:
    """What the page and its fragment show of a pack."""
    rows = list(found.documents.select_related("template").order_by("position"))
    made = sum(row.is_there for row in rows)
    return {
        "section": "packs",
        "pack": found,
        "project": found.financing.project,
        "documents": rows,
        "made_count": made,
        "failed_count": sum(row.state == DocumentState.FAILED for row in rows),
        "size_bytes": sum(row.size_bytes for row in rows if row.is_there),
        "can_make": can_make(request.user),
        "unset": unset_names(found.financing) if found.is_open else [],
        "may_cancel": may_cancel(request.user, found),
        "can_issue": found.is_draft and found.state == JobState.DONE and bool(rows) and made == len(rows),
        "can_retry": found.is_open and (found.state in STOPPED_STATES or _has_ended_with_failures(found, made, rows)),
    }


def _has_ended_with_failures(found: Pack, made: int, rows: list[Any]) -> bool:
    return found.state == JobState.DONE and made < len(rows)


@signed_in
@require_POST
def pack_retry(request: PersonRequest, code: UUID) -> HttpResponse:
    """What failed, tried again."""
    found = retry_pack(by=request.user, pack=get_pack(request.user, code))
    return redirect("pack", found.code)


@signed_in
@require_POST
def document_again(request: PersonRequest, code: UUID) -> HttpResponse:
    """One document made again."""
    row = get_document(request.user, code)
    found = regenerate_document(by=request.user, document=row)
    messages.success(request, f"{row.title} is being made again.")
    return redirect("pack", found.code)


def _form(request: PersonRequest, financing: Financing, form: PackForm) -> HttpResponse:
    before = visible_packs(request.user).filter(financing=financing)
    context = {
        "section": "projects",
        "financing": financing,
        "project": financing.project,
        "form": form,
        "confidentialities": CONFIDENTIALITIES,
        "packs": pack_lines(before),
        "unset": unset_names(financing),
    }
    return render(request, "documents/pack_new.html", context, status=422 if form.errors else 200)
