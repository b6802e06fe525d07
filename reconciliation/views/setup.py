"""Sources and definitions: who sends what, what is compared with what."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.policies import may
from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid
from reconciliation.access import CONFIGURE, get, require_may, require_see
from reconciliation.forms import DefinitionForm, SourceForm
from reconciliation.models import Definition, Source
from reconciliation.services.define_reconciliation import define_reconciliation
from reconciliation.services.save_source import save_source


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def sources(request: PersonRequest) -> HttpResponse:
    """Every source, and the form of a new one."""
    require_see(request.user)
    return _source_page(request, Source(), Source.objects.all())


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def source(request: PersonRequest, code: UUID) -> HttpResponse:
    """One source, to be changed."""
    return _source_page(request, get(request.user, Source.objects.all(), code), None)


def _source_page(request: PersonRequest, row: Source, listed: object) -> HttpResponse:
    form = SourceForm(instance=row)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        require_may(request.user, CONFIGURE)
        form = SourceForm(request.POST, instance=row)
        if form.is_valid():
            try:
                save_source(by=request.user, source=form.save(commit=False))
            except Invalid as error:
                problems = error.problems
            else:
                messages.success(request, f"{row} is set up.")
                return redirect("recon-sources")
    context = {
        "section": "reconciliation",
        "source": None if row._state.adding else row,
        "sources": listed,
        "form": form if may(request.user, CONFIGURE) else None,
        "problems": problems,
    }
    return render(request, "reconciliation/sources.html", context, status=400 if problems or form.errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def definitions(request: PersonRequest) -> HttpResponse:
    """Every definition, and the form of a new one."""
    require_see(request.user)
    form = DefinitionForm()
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        require_may(request.user, CONFIGURE)
        form = DefinitionForm(request.POST)
        if form.is_valid():
            try:
                made = define_reconciliation(by=request.user, **form.cleaned_data)
            except Invalid as error:
                problems = error.problems
            else:
                messages.success(request, f"{made} is set up.")
                return redirect("recon")
    context = {
        "section": "reconciliation",
        "definitions": Definition.objects.prefetch_related("sources"),
        "form": form if may(request.user, CONFIGURE) else None,
        "problems": problems,
    }
    return render(request, "reconciliation/definitions.html", context, status=400 if problems or form.errors else 200)
