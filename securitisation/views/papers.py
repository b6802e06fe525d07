"""The papers of a run: asked for, followed, taken away, issued; the investor report of any payment date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import PersonRequest, signed_in, signed_in_file
from documents.facts.marks import Marks
from documents.forms import LinkForm
from documents.link_pages import link_made, links_context
from documents.services.withdraw_pack import withdraw_pack
from documents.sharing import page_of
from engine.errors import Problem
from jobs.models import JobState
from lib.errors import Invalid, NotFound
from lib.numbers import whole_or_none
from lib.text import day_words
from securitisation.access import can_issue, can_prepare, get_notes_pack, get_run, require_issue, require_prepare
from securitisation.forms import NotesPackForm
from securitisation.issuing import issue_problems
from securitisation.models import NotesPack, NotesRun
from securitisation.papers.facts import NotesFacts, facts_of
from securitisation.papers.investor_report import investor_paper, investor_workbook
from securitisation.queries import packs_of
from securitisation.sending import files_of, send_archive, send_content, send_file
from securitisation.services.issue_notes_pack import issue_notes_pack
from securitisation.services.request_notes_pack import request_notes_pack

SECTION = "notes"


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def papers(request: PersonRequest, code: UUID) -> HttpResponse:
    """The packs of a run, and the form of another."""
    run = done_run(request, code)
    dates = run.summary["paths"]["dates"]
    if request.method != "POST":
        return _papers(request, run, NotesPackForm(dates))
    require_prepare(request.user)
    form = NotesPackForm(dates, request.POST)
    if not form.is_valid():
        return _papers(request, run, form, 422)
    try:
        pack = request_notes_pack(by=request.user, run=run, **form.cleaned_data)
    except Invalid as error:
        for problem in error.problems:
            form.add_error(problem.place if problem.place in form.fields else None, problem.message)
        return _papers(request, run, form, 422)
    return redirect("notes-pack", pack.code)


def _papers(request: PersonRequest, run: NotesRun, form: NotesPackForm, status: int = 200) -> HttpResponse:
    context = {
        "section": SECTION,
        "run": run,
        "structure": run.version.structure,
        "version": run.version,
        "packs": list(packs_of(run)),
        "form": form,
        "may_prepare": can_prepare(request.user),
    }
    return render(request, "securitisation/papers.html", context, status=status)


@signed_in
@require_safe
def pack(request: PersonRequest, code: UUID) -> HttpResponse:
    """One pack: how far it is, its files, what keeps it from being issued."""
    return _pack(request, get_notes_pack(request.user, code))


@signed_in
@require_POST
def pack_issue(request: PersonRequest, code: UUID) -> HttpResponse:
    """The pack issued; its final papers are being made."""
    found = get_notes_pack(request.user, code)
    require_issue(request.user)
    try:
        issued = issue_notes_pack(by=request.user, pack=found)
    except Invalid as error:
        return _pack(request, found, error)
    messages.success(request, f"{issued.number}: the final papers are being made.")
    return redirect("notes-pack", found.code)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def pack_withdraw(request: PersonRequest, code: UUID) -> HttpResponse:
    """The question before a pack is withdrawn, and the withdrawal."""
    found = get_notes_pack(request.user, code)
    require_issue(request.user)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        try:
            withdraw_pack(by=request.user, pack=found)
        except Invalid as error:
            problems = error.problems
        else:
            messages.success(request, "The pack was withdrawn.")
            return redirect("notes-pack", found.code)
    context = {
        "section": SECTION,
        "pack": found,
        "run": found.run,
        "structure": found.run.version.structure,
        "page_url": page_of(found),
        "problems": problems,
    }
    return render(request, "securitisation/pack_withdraw.html", context, status=422 if problems else 200)


@signed_in
@require_POST
def pack_link_make(request: PersonRequest, code: UUID) -> HttpResponse:
    """A link made; its address stands on the pack's page."""
    found, form = get_notes_pack(request.user, code), LinkForm(request.POST)
    return link_made(request, found, form) or _pack(request, found, link_form=form)


def _pack(
    request: PersonRequest, found: NotesPack, refused: Invalid | None = None, link_form: LinkForm | None = None
) -> HttpResponse:
    run = found.run
    administers = can_issue(request.user)
    may_issue = administers and found.is_open and not found.is_active and bool(found.manifest)
    context: dict[str, Any] = {
        "section": SECTION,
        "pack": found,
        "run": run,
        "structure": run.version.structure,
        "version": run.version,
        "files": files_of(found),
        "day": day_words(date.fromisoformat(run.summary["paths"]["dates"][found.period - 1])),
        "may_issue": may_issue,
        "may_withdraw": administers and found.is_withdrawable,
        "problems": refused.problems if refused else issue_problems(found) if may_issue else [],
    }
    if administers and found.is_issued:
        context |= links_context(request, found, "notes-pack-link-make") | {"link_form": link_form or LinkForm()}
    return render(request, "securitisation/pack.html", context, status=422 if refused or link_form else 200)


@signed_in_file
@require_safe
def pack_archive(request: PersonRequest, code: UUID) -> HttpResponse:
    """The whole pack as a ZIP."""
    return send_archive(get_notes_pack(request.user, code))


@signed_in_file
@require_safe
def pack_file(request: PersonRequest, code: UUID, number: int) -> HttpResponse:
    """One of its files."""
    return send_file(get_notes_pack(request.user, code), number)


@signed_in_file
@require_safe
def report_paper(request: PersonRequest, code: UUID) -> HttpResponse:
    """The investor report of a payment date, as a draft."""
    return _report(request, code, investor_paper, "pdf")


@signed_in_file
@require_safe
def report_workbook(request: PersonRequest, code: UUID) -> HttpResponse:
    """The same as a workbook."""
    return _report(request, code, investor_workbook, "xlsx")


def _report(request: PersonRequest, code: UUID, make: Callable[[NotesFacts], bytes], suffix: str) -> HttpResponse:
    run = done_run(request, code)
    facts = facts_of(run, Marks(), period_of(request, len(run.summary["paths"]["dates"])))
    name = slugify(f"{run.version} {facts.payment_date.isoformat()}") or "investor-report"
    return send_content(make(facts), f"{name}.{suffix}")


def done_run(request: PersonRequest, code: UUID) -> NotesRun:
    """The run; NotFound before it has a result."""
    found = get_run(request.user, code)
    if found.state != JobState.DONE:
        raise NotFound("The run has no result yet.")
    return found


def period_of(request: PersonRequest, periods: int) -> int:
    """The payment date asked for, from 1; NotFound where there is none."""
    text = request.GET.get("date", "1")
    number = whole_or_none(text, 5) or 0
    if not 1 <= number <= periods:
        raise NotFound("There is no such payment date.")
    return number
