"""A run as it goes and, once done, what it found at a glance."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import (
    HttpResponse,
    HttpResponseRedirect,
)
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import PersonRequest, signed_in
from engine.permutations import AXES, COLUMNS
from financings.typed import WORDS, value_label
from financings.words import cell, cell_in
from jobs.access import may_cancel
from jobs.models import JobState
from jobs.progress import job_progress
from lib.errors import Invalid
from permutations.access import can_run, get_run
from permutations.forms import typed_terms
from permutations.kept import kept_words
from permutations.models import Run, TopResult
from permutations.queries import top_results
from permutations.results import row_total
from permutations.search_form import SearchForm, objectives, ratings_of
from permutations.services.name_run import name_run
from permutations.services.rejudge_run import rejudge_run
from permutations.services.resume_run import resume_run
from permutations.views.charts import run_charts, run_currency
from permutations.views.figures import funnel, heads, lever_lines, shown_rows, tier_shares, top_columns

TOP_ROWS = 20


@signed_in
@require_safe
def run_detail(request: PersonRequest, code: UUID) -> HttpResponse:
    """A run: its progress while it goes, its results at a glance afterwards."""
    run = get_run(request.user, code)
    context = {
        "section": "projects",
        "run": run,
        "project": run.project,
        "progress": job_progress(run),
        "axes": lever_summary(run),
        "objective": WORDS.get(run.objective, run.objective),
        "filters": filters_in_words(run),
        "terms": terms_in_words(run),
        "can_run": can_run(request.user),
        "may_cancel": may_cancel(request.user, run),
        **(_findings(run) if run.state == JobState.DONE else {}),
        **(_search_fields(run) if run.state == JobState.DONE and can_run(request.user) else {}),
    }
    template = "permutations/fragments/run_body.html" if request.htmx else "permutations/run.html"
    return render(request, template, context)


@signed_in
@require_POST
def run_resume(request: PersonRequest, code: UUID) -> HttpResponse:
    """Back to the run, queued again."""
    run = get_run(request.user, code)
    try:
        resume_run(by=request.user, run=run)
        messages.success(request, "The run goes on from its finished part.")
    except Invalid as error:
        messages.error(request, str(error))
    return _back_to(run)


@signed_in
@require_POST
def run_name(request: PersonRequest, code: UUID) -> HttpResponse:
    """Back to the run, under its name."""
    run, typed = get_run(request.user, code), request.POST
    starred = "is_starred" in typed
    try:
        name_run(by=request.user, run=run, name=typed.get("name", ""), note=typed.get("note", ""), is_starred=starred)
    except Invalid as error:
        messages.error(request, str(error))
    return _back_to(run)


@signed_in
@require_POST
def run_rejudge(request: PersonRequest, code: UUID) -> HttpResponse:
    """Back to the run, with whether its figures are what its own rules give now."""
    run = get_run(request.user, code)
    try:
        found = rejudge_run(by=request.user, run=run)
        compared = f"{found.figures:,} figures of the {found.permutations:,} best permutations"
        if found.is_identical:
            messages.success(request, f"Checked again under {run.rule_set.label}: identical, {compared}.")
        else:
            messages.error(request, f"Checked again: {found}")
    except Invalid as error:
        messages.error(request, str(error))
    return _back_to(run)


def lever_summary(run: Run) -> list[tuple[str, int, str]]:
    """Label, number of values and the values in words of each open axis."""
    return [
        (AXES[code].label, len(values), _values_in_words(code, values))
        for code, values in run.lever_set["axes"].items()
        if code in AXES
    ]


def filters_in_words(run: Run) -> list[tuple[str, str, str]]:
    """Label, comparison and limit of each hard filter."""
    return [
        (COLUMNS[item["column"]].label, item["operator"], cell(item["column"], item["value"]).text)
        for item in run.hard_filters
    ]


def terms_in_words(run: Run) -> list[tuple[str, str, str]]:
    """Label, value and unit of each assumption."""
    typed = typed_terms(run.terms)
    return [(term.spec.label, WORDS.get(term.typed, term.typed), term.unit_mark) for term in typed if term.typed]


def _values_in_words(code: str, values: list[Any]) -> str:
    labels = [value_label(AXES[code], value) for value in values]
    return ", ".join(labels) if len(labels) <= 8 else f"{labels[0]}, {labels[1]} … {labels[-1]}"


def _findings(run: Run) -> dict[str, Any]:
    top = list(top_results(run, TOP_ROWS))
    columns = top_columns([result.metrics for result in top])
    best = run.summary.get("best")
    return {
        "summary": run.summary,
        "kept": kept_words(run),
        "row_total": row_total(run),
        "best": best,
        "funnel": funnel(run),
        "tiers": tier_shares(run),
        "levers": lever_lines(run),
        "key_head": {"head": heads(["index"], "")[0]},
        "top_heads": [{"head": head} for head in heads(columns, run_currency(run))],
        "best_rating": cell("rating_notch", best["metrics"]["rating_notch"]).text if best else "",
        "best_irr": cell_in("sponsor_irr_rate", best["metrics"]).text if best else "",
        "top_rows": shown_rows([(result.permutation_index, _with_place(result)) for result in top], columns),
        "charts": run_charts(run),
    }


def _search_fields(run: Run) -> dict[str, Any]:
    """The short form of a search; the long one is a page of its own."""
    return {"search_form": SearchForm.blank(run), "objectives": objectives(), "ratings": ratings_of(run)}


def _with_place(result: TopResult) -> dict[str, Any]:
    return {**result.metrics, "rank": result.rank, "tier": result.tier, "score": result.score}


def _back_to(run: Run) -> HttpResponseRedirect:
    return redirect("run-detail", run.code)
