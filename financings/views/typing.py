"""A financing typed by hand."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from financings.access import require_can_type, visible_financings
from financings.basis import chosen_rules, market_for
from financings.forms import FinancingForm
from financings.models import TITLE_LENGTH, Financing
from financings.services.type_financing import type_financing
from lib.errors import Invalid
from projects.access import get_project, require_edit
from projects.models import Project
from projects.reviews import review_of
from ratings.queries import rule_set_choices


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def financing_new(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of one financing; a sound one leads to its page."""
    project = get_project(request.user, code)
    require_can_type(request.user)
    require_edit(request.user, project)
    if request.method != "POST":
        earlier = _earlier(request, project)
        market = market_for(project)
        form = FinancingForm.from_financing(earlier, market) if earlier else FinancingForm.from_defaults(market)
        return _page(request, project, form, str(earlier.rule_set.code) if earlier else "")
    form = FinancingForm.from_post(request.POST, market_for(project))
    made = _made(request, project, form)
    if made is None:
        return _page(request, project, form, str(request.POST.get("rule_set", "")))
    return redirect("financing", made.code)


def _earlier(request: PersonRequest, project: Project) -> Financing | None:
    """The project's financing that the form begins from, where the address names one."""
    try:
        code = UUID(request.GET.get("from", ""))
    except ValueError:
        return None
    return visible_financings(request.user).filter(project=project, code=code).first()


def _made(request: PersonRequest, project: Project, form: FinancingForm) -> Financing | None:
    if form.levers is None or form.terms is None:
        return None
    try:
        return type_financing(
            by=request.user,
            project=project,
            levers=form.levers,
            terms=form.terms.to_dict(),
            rule_set=chosen_rules(project, request.POST.get("rule_set", "")),
            title=form.title,
        )
    except Invalid as error:
        form.problems += error.problems
        return None


def _page(request: PersonRequest, project: Project, form: FinancingForm, rule_set: str) -> HttpResponse:
    context = {
        "section": "projects",
        "project": project,
        "review": review_of(project),
        "form": form,
        "rule_sets": rule_set_choices(project.asset_class),
        "chosen_rule_set": rule_set,
        "title_length": TITLE_LENGTH,
        "terms_open": any(term.problems for term in form.term_inputs),
    }
    return render(request, "financings/new.html", context, status=422 if form.problems else 200)
