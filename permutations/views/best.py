"""A run's best of each kind: the first of each amortisation, tenor or rating, and those that none beats in two figures."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from jobs.models import JobState
from permutations.access import get_run
from permutations.results import rows_of, source_of
from permutations.views.charts import run_currency
from permutations.views.figures import heads, shown_rows, top_columns
from tables.reading import firsts_of, front_of
from tables.source import Source

MOST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to look for the best: by the values of `column`, or by two figures of which more is better."""

    code: str
    label: str
    column: str = ""
    across: str = ""
    up: str = ""


KINDS = (
    Kind("amortisation", "Best of each senior amortisation", "senior_amortisation"),
    Kind("tenor", "Best of each senior tenor", "senior_tenor_years"),
    Kind("rating", "Best of each rating", "rating_notch"),
    Kind("stress", "Day-one value against cover in the worst stress", across="day_one_value", up="worst_stressed_dscr"),
    Kind("debt", "Senior debt against cover of all debt", across="senior_amount", up="total_dscr_minimum"),
)


@signed_in
@require_safe
def run_best(request: PersonRequest, code: UUID) -> HttpResponse:
    """The best of the kind asked for, as a table of the run's page."""
    run = get_run(request.user, code)
    source = source_of(run) if run.state == JobState.DONE else None
    kinds = _kinds_in(source) if source else KINDS
    kind = next((each for each in kinds if each.code == request.GET.get("by")), kinds[0])
    keys = _keys(source, kind) if source else []
    rows = rows_of(run, keys) if keys else {}
    columns = top_columns(list(rows.values()))
    context = {
        "run": run,
        "kinds": kinds,
        "kind": kind,
        "rows": shown_rows([(key, rows[key]) for key in keys], columns),
        "key_head": {"head": heads(["index"], "")[0]},
        "heads": [{"head": head} for head in heads(columns, run_currency(run))],
        "section": "projects",
        "project": run.project,
    }
    template = "permutations/fragments/best_of_each.html" if request.htmx else "permutations/best.html"
    return render(request, template, context)


def _kinds_in(source: Source) -> tuple[Kind, ...]:
    """Those whose columns the run has: a lever that was closed is none."""
    held = {"", *source.columns}
    return tuple(each for each in KINDS if {each.column, each.across, each.up} <= held)


def _keys(source: Source, kind: Kind) -> list[int]:
    if kind.column:
        return firsts_of(source, kind.column, "rank", MOST_SHOWN)
    return front_of(source, kind.across, kind.up, "rank", MOST_SHOWN)
