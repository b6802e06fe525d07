"""A search between the points of a run: asked for, followed, read, its structures opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import PersonRequest, signed_in
from engine.deal.axes import AXES
from engine.permutations import REASONS
from engine.permutations.search import GOALS, MEASURES, Span
from engine.permutations.search.terms import LIMIT_OPERATORS, SearchTerms
from engine.ratings import rating_label
from financings.catalogue import RESULTS
from financings.typed import WORDS, code_words
from financings.words import cell, lever_text, unit_text
from jobs.access import may_cancel
from jobs.models import JobState
from lib.charts import Chart, Mark, Series
from lib.errors import Invalid
from lib.svg import drawing
from permutations.access import get_run, get_search, require_can_run
from permutations.models import Run, Search
from permutations.search_form import SearchForm, further_columns, objectives, ratings_of
from permutations.services.open_found import open_found
from permutations.services.request_search import request_search
from permutations.translate import engine_case
from permutations.views.charts import run_currency

SHOWN_EARLIER = 10
FIGURES = (
    "rating_notch", "equity_ratio", "senior_amount", "mezz_amount", "dscr_minimum", "total_dscr_minimum",
    "worst_stressed_dscr", "agency_ltv_ratio", "total_agency_ltv_ratio", "sponsor_equity_amount", "sponsor_irr_rate",
    "wacc_rate",
)  # fmt: skip
TITLES = {
    "rating_notch": ("by rating", "Rating at least"),
    "equity_ratio": ("by equity", "Equity of all uses, at least"),
    "worst_stressed_dscr": ("by worst stress", "DSCR in the worst stress, at least"),
}
MARKS = {">=": "at least", "<=": "at most"}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def search_new(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of a search of one run, and those made before."""
    run = get_run(request.user, code)
    require_can_run(request.user)
    if request.method != "POST":
        return _form(request, SearchForm.blank(run))
    form = SearchForm.from_post(run, request.POST)
    terms = form.terms()
    if not form.problems:
        try:
            return redirect("search", request_search(by=request.user, run=run, terms=terms).code)
        except Invalid as error:
            form.tell(error.problems)
    return _form(request, form)


@signed_in
@require_safe
def search_detail(request: PersonRequest, code: UUID) -> HttpResponse:
    """One search: its progress while it goes, then what it found and what each limit costs."""
    search = get_search(request.user, code)
    context = {
        "section": "projects",
        "search": search,
        "run": search.run,
        "project": search.run.project,
        "may_cancel": may_cancel(request.user, search),
        "asked": asked_in_words(search),
        **(_findings(search) if search.state == JobState.DONE else {}),
    }
    return render(request, "permutations/search.html", context)


@signed_in
@require_safe
def search_point(request: PersonRequest, code: UUID, index: int) -> HttpResponse:
    """Leads to the financing that one of the structures found is."""
    opened = open_found(by=request.user, search=get_search(request.user, code), number=index)
    return redirect("financing", opened.code)


def measure_text(name: str, value: float | None) -> str:
    """A figure of a structure as pages show it; the share of equity too, where results do not hold it."""
    if name in RESULTS.columns:
        return cell(name, value).text
    return unit_text(value, MEASURES[name].unit)


def limit_words(limit: Mapping[str, Any]) -> str:
    """A limit in words: "Equity at least 25.0%"."""
    if limit["column"] == "stress_passed":
        return "Every stress is survived"
    if limit["column"] == "rating_notch":
        return f"Rating {rating_label(int(limit['value']))} or better"
    text = measure_text(limit["column"], limit["value"])
    return f"{MEASURES[limit['column']].label} {MARKS[limit['operator']]} {text}"


def asked_in_words(search: Search) -> list[tuple[str, str]]:
    """What was asked, line by line."""
    terms = SearchTerms.from_dict(search.terms, engine_case(search.run).levers)
    limits = [limit_words(limit) for limit in search.terms["limits"]]
    levers = [(AXES[code].label, _searched_words(code, each)) for code, each in terms.levers]
    return [("Objective", WORDS[terms.objective]), *(("Limit", words) for words in limits), *levers,
            ("Structures tried by evolution", f"{terms.effort:,}"), ("Seed", str(terms.seed))]  # fmt: skip


def unmet_sentence(unmet: Mapping[str, Any]) -> str:
    """Why nothing was found, in a sentence that names the limit."""
    limit = unmet["limit"]
    if limit is None:
        reason = code_words(REASONS[unmet["reason"]])
        return f"No structure of these levers passes the gates; the nearest is stopped by: {reason}."
    how = "with these levers" if unmet["alone"] else "together with the other limits"
    return f"{limit_words(limit)}: cannot be met {how}; {_nearest(unmet)}."


def _nearest(unmet: Mapping[str, Any]) -> str:
    column, reached = unmet["limit"]["column"], unmet["reached"]
    if reached is None:
        return "none that passes the gates has this figure" if unmet["alone"] else "the others exclude each other"
    if column == "stress_passed":
        return "each structure found fails in some"
    return f"the nearest found is {measure_text(column, reached)}"


def _searched_words(code: str, each: Any) -> str:
    spec = AXES[code]
    if isinstance(each, Span):
        return f"{lever_text(spec, each.low)} to {lever_text(spec, each.high)}"
    return ", ".join(lever_text(spec, value) for value in each)


def _form(request: PersonRequest, form: SearchForm) -> HttpResponse:
    run = form.run
    context = {
        "section": "projects",
        "run": run,
        "project": run.project,
        "form": form,
        "objectives": objectives(),
        "ratings": ratings_of(run),
        "further_columns": further_columns(),
        "operators": LIMIT_OPERATORS,
        "earlier": run.searches.select_related("requested_by")[:SHOWN_EARLIER],
    }
    return render(request, "permutations/search_new.html", context, status=422 if form.problems else 200)


def _findings(search: Search) -> dict[str, Any]:
    summary, run = search.summary, search.run
    best, grid = summary["best"], summary["grid"]
    name, sign = GOALS[search.terms["objective"]]
    gain = sign * (best["objective"] - grid["objective"]) if best and grid else None
    return {
        "found": best,
        "grid": grid,
        "objective_label": RESULTS.columns[name].title,
        "objective_text": measure_text(name, best and best["objective"]),
        "grid_text": measure_text(name, grid and grid["objective"]),
        "gain_text": "" if gain is None or gain < 0.0 else measure_text(name, gain),
        # It goes before the grid's best all the same: a ranking puts what survives every stress first.
        "is_sounder": gain is not None and gain < 0.0,
        "currency": run_currency(run),
        "figures": list(_figures(summary["row"])) if best else [],
        "levers": list(_levers(summary["points"][best["point"]], run)) if best else [],
        "unmet": [unmet_sentence(each) for each in summary["unmet"]],
        "evaluated": summary["evaluated"],
        "frontiers": [_frontier(search, measure) for measure in summary["frontiers"] if summary["frontiers"][measure]],
    }


def _figures(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((MEASURES[name].label, measure_text(name, row[name])) for name in FIGURES if name in row)


def _levers(choice: Mapping[str, Any], run: Run) -> Iterator[tuple[str, str, bool]]:
    """Label, value and whether the run's grid has the value."""
    on_grid = run.lever_set["axes"]
    for code, value in choice.items():
        yield AXES[code].label, lever_text(AXES[code], value), code not in on_grid or value in on_grid[code]


def _frontier(search: Search, measure: str) -> dict[str, Any]:
    steps, objective = search.summary["frontiers"][measure], GOALS[search.terms["objective"]][0]
    title, levels_are = TITLES[measure]
    column = MEASURES[objective]
    chart = Chart(
        code=f"frontier_{measure}",
        title=f"{column.label} {title}",
        unit=str(column.unit),
        currency=run_currency(search.run),
        category_label=levels_are,
        categories=tuple(measure_text(measure, step["level"]) for step in steps),
        series=(
            Series("Grid", tuple(_objective(step["grid"]) for step in steps), Mark.LINE),
            Series("Grid and search", tuple(_objective(step["found"]) for step in steps), Mark.LINE),
        ),
    )
    return {
        "drawing": drawing(chart),
        "steps": [_step(step, measure, objective) for step in steps],
        "levels_are": levels_are,
    }


def _objective(found: Mapping[str, Any] | None) -> float | None:
    return found["objective"] if found else None


def _step(step: Mapping[str, Any], measure: str, objective: str) -> dict[str, Any]:
    """A row of a frontier's table: the level, the best of grid and search there with its measure."""
    found = step["found"]
    return {
        "level": measure_text(measure, step["level"]),
        "grid": measure_text(objective, _objective(step["grid"])),
        "grid_index": step["grid"]["index"] if step["grid"] else None,
        "found": measure_text(objective, found["objective"]),
        "measure": measure_text(measure, found["measure"]),
        "point": found["point"],
    }
