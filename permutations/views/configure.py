"""Configuring a run: axis by axis, with the size of the space as one types."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import PersonRequest, makes_nothing, signed_in
from engine.permutations import PRESETS
from engine.permutations.levers import FILTER_OPERATORS, MAX_SAMPLE
from financings.basis import chosen_rules, market_for
from lib.errors import Invalid
from permutations.access import require_can_run
from permutations.estimates import estimate_of
from permutations.forms import DEFAULT_PRESET, RunForm, filter_choices
from permutations.kept import ALL_ROWS_BY_DEFAULT, MOST_KEPT, MOST_WITH_ALL_ROWS
from permutations.queries import run_to_repeat, runs_to_repeat
from permutations.services.request_run import request_run
from projects.access import get_project, require_edit
from projects.models import Project
from projects.reviews import review_of
from ratings.queries import rule_set_choices


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def configure(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of a run; a valid one that is started, as typed or as it would be filled in, leads to the run's page."""
    project = _runnable(request, code)
    action = request.POST.get("action", "")
    if request.method != "POST" or action == "start-as-filled":
        earlier = run_to_repeat(project, request.GET.get("from", ""))
        preset = request.GET.get("preset", DEFAULT_PRESET)
        form = RunForm.from_run(earlier) if earlier else RunForm.from_preset(preset, market_for(project))
        rules = str(earlier.rule_set.code) if earlier else ""
        started = _start(request, project, form, rules) if action and form.is_valid else None
        context = {**_context(project, form, rules), "earlier": earlier}
        return started or render(request, "permutations/configure.html", context, status=422 if action else 200)
    form = RunForm.from_post(request.POST, market_for(project))
    if action == "start" and form.is_valid:
        started = _start(request, project, form, request.POST.get("rule_set", ""))
        if started is not None:
            return started
    status = 200 if form.is_valid else 422
    return render(
        request, "permutations/configure.html", _context(project, form, request.POST.get("rule_set", "")), status=status
    )


@makes_nothing
@signed_in
@require_POST
def space_size(request: PersonRequest, code: UUID) -> HttpResponse:
    """The size of the space of the form as it stands, and what is wrong with it."""
    project = _runnable(request, code)
    context = _context(project, RunForm.from_post(request.POST, market_for(project)))
    return render(request, "permutations/fragments/space_size.html", {**context, "is_swap": True})


def _runnable(request: PersonRequest, code: UUID) -> Project:
    """The project, for somebody who may run it; an archived one is run by nobody."""
    project = get_project(request.user, code)
    require_can_run(request.user)
    require_edit(request.user, project)
    return project


def _start(request: PersonRequest, project: Project, form: RunForm, rules: str) -> HttpResponse | None:
    assert form.levers is not None
    assert form.terms is not None
    try:
        run = request_run(
            by=request.user,
            project=project,
            levers=form.levers.to_dict(),
            terms=form.terms.to_dict(),
            budget=form.budget,
            seed=form.seed,
            all_rows=form.all_rows,
            rule_set=chosen_rules(project, rules),
        )
    except Invalid as error:
        form.problems += error.problems
        return None
    messages.success(request, f"The run of {run.evaluated_count:,} permutations has begun.")
    return redirect("run-detail", run.code)


def _cost(project: Project, form: RunForm) -> dict[str, Any]:
    """What the run as it stands would cost, and which rows it would keep, where that is to be said."""
    plan = form.plan
    if plan is None or plan.evaluated <= ALL_ROWS_BY_DEFAULT:
        return {}
    all_rows = estimate_of(plan.evaluated, project, all_rows=True) if plan.evaluated <= MOST_WITH_ALL_ROWS else None
    return {
        "cost": estimate_of(plan.evaluated, project, all_rows=plan.keeps_all_rows),
        "cost_with_all_rows": all_rows,
        "most_kept": MOST_KEPT,
        "largest_sample": MAX_SAMPLE if form.is_sample and form.budget > MAX_SAMPLE else 0,
    }


def _context(project: Project, form: RunForm, rule_set: str = "") -> dict[str, Any]:
    review, rule_sets = review_of(project), rule_set_choices(project.asset_class)
    faulty = {problem.place.partition(".")[0] for problem in form.problems}
    return {
        "section": "projects",
        "project": project,
        "review": review,
        "form": form,
        "rule_sets": rule_sets,
        "is_ready": bool(form.is_valid and review.approved and rule_sets),
        "chosen_rule_set": rule_set,
        "presets": PRESETS.values(),
        "earlier_runs": runs_to_repeat(project),
        "filter_columns": filter_choices(),
        "filter_operators": FILTER_OPERATORS,
        "sample_weight": form.size // form.evaluated_count if form.evaluated_count else 0,
        "further_open": any(axis.is_open or axis.problems for axis in form.further_axes),
        "terms_open": any(term.problems for term in form.term_inputs),
        "budget_problems": "budget" in faulty,
        **_cost(project, form),
    }
