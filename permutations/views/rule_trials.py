"""How past runs would come out under a version of the rules."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from engine.permutations import COLUMNS
from financings.words import cell
from jobs.models import JobState
from lib import figures
from lib.errors import Invalid
from permutations.access import visible_runs
from permutations.impact import FIGURES
from permutations.models import RuleSetTrial
from permutations.services.try_rule_set import try_rule_set
from permutations.trials import NO_STRUCTURE, SAMPLE, WHOLE
from permutations.views.charts import run_currency
from ratings.models import RuleSet
from records.access import get_version, require_can_write

LATEST = 20
TICKED = 3
# Of the normal distribution: 95% of it within.
DEVIATIONS = 1.96


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A line of a migration matrix: what it was, and how many became what."""

    label: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """From the rows to the columns."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def rules_trial(request: PersonRequest, code: UUID) -> HttpResponse:
    """The trials of a version, and the form that asks for more."""
    rule_set = get_version(request.user, RuleSet, code)
    require_can_write(request.user, RuleSet.kind)
    runs = visible_runs(request.user).filter(state=JobState.DONE)
    if request.method == "POST":
        try:
            try_rule_set(by=request.user, rule_set=rule_set, runs=list(runs.filter(code__in=_codes(request))))
            return redirect("rules-trial", rule_set.code)
        except Invalid as error:
            messages.error(request, str(error))
    found = RuleSetTrial.objects.filter(rule_set=rule_set).select_related(
        "run__project", "run__rule_set", "run__snapshot"
    )
    trials = [trial for trial in found if trial.is_current]
    context = {
        "section": "rules",
        "rule_set": rule_set,
        "trials": [shown_trial(trial) for trial in trials],
        "earlier": len(found) - len(trials),
        # One at a time is followed; at its end the page knows of the others too.
        "active": next((trial for trial in reversed(trials) if trial.is_active), None),
        "choices": [(run, number < TICKED) for number, run in enumerate(runs[:LATEST])],
        "whole": WHOLE,
        "sample": SAMPLE,
    }  # fmt: skip
    template = "permutations/fragments/rule_trials.html" if request.htmx else "permutations/rule_trial.html"
    return render(request, template, context)


def shown_trial(trial: RuleSetTrial) -> dict[str, Any]:
    """A trial as the page shows it; figures only once it is done."""
    shown: dict[str, Any] = {"trial": trial, "run": trial.run}
    if not trial.summary:
        return shown
    summary = trial.summary
    compared = summary["compared"]
    margin = None if summary["is_whole"] else compared
    return {
        **shown,
        "summary": summary,
        "lines": [
            ("change their rating", figures.count(summary["changed_rating"]), _share(summary["changed_rating"], compared, margin)),
            ("pass or fail the gates otherwise", figures.count(summary["changed_gate"]), _share(summary["changed_gate"], compared, margin)),
            ("change their tier", figures.count(summary["changed_tier"]), _share(summary["changed_tier"], compared, margin)),
        ],
        "matrices": [_matrix("Rating", summary["ratings"]), _matrix("Gates", summary["gates"]), _matrix("Tier", summary["tiers"])],
        "collateral": _collateral(summary.get("collateral", {})),
        "best": _best_rows(summary["best"], run_currency(trial.run)),
    }  # fmt: skip


VERDICTS = {
    "eligible": "eligible",
    "not_confirmed": "not confirmed",
    "not_eligible": "not eligible",
    "absent": "absent",
}


def _collateral(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Facility, verdicts before and after of those that change; trials from before collateral have none."""
    return [
        (each["name"], *(_verdict_words(each[side]) for side in ("before", "after")))
        for each in found.get("facilities", [])
        if each["changed"]
    ]


def _verdict_words(counts: dict[str, int]) -> str:
    return ", ".join(f"{figures.count(counts[name])} {words}" for name, words in VERDICTS.items() if counts.get(name))


def _codes(request: PersonRequest) -> list[UUID]:
    found = []
    for text in request.POST.getlist("run"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _share(number: int, of: int, sampled: int | None) -> str:
    """A share of the whole; of a sample with its 95% margin."""
    if not of:
        return figures.DASH
    ratio = number / of
    if not sampled:
        return figures.share(ratio)
    return f"{figures.share(ratio)} ± {figures.share(DEVIATIONS * math.sqrt(ratio * (1.0 - ratio) / sampled))}"


def _matrix(title: str, matrix: dict[str, Any]) -> Matrix:
    labels = matrix["labels"]
    rows = tuple(
        MatrixRow(label, tuple(_matrix_cell(r, c, count) for c, count in enumerate(counts)))
        for r, (label, counts) in enumerate(zip(labels, matrix["counts"], strict=True))
    )
    return Matrix(title, tuple(labels), rows)


def _matrix_cell(row: int, column: int, count: int) -> tuple[str, str]:
    style = "is-same" if row == column else "" if not count else "is-better" if column < row else "is-worse"
    return (figures.count(count) if count else figures.DASH, style)


def _best_rows(best: dict[str, Any], currency: str) -> list[tuple[str, str, str]]:
    """Label, before and after of the best structure under each."""
    sides = [best["before"] or {}, best["after"] or {}]
    rows: list[tuple[str, list[str]]] = [
        ("Permutation", [figures.count(side["index"]) if side else "none" for side in sides]),
        ("Rating", [side.get("rating", NO_STRUCTURE) for side in sides]),
        ("Passes the gates", [figures.yes_no(side.get("passed")) for side in sides]),
        *((_label(name, currency), [cell(name, side.get(name)).text for side in sides]) for name in FIGURES),
    ]
    return [(label, before, after) for label, (before, after) in rows]


def _label(name: str, currency: str) -> str:
    spec = COLUMNS[name]
    return f"{spec.label} ({currency})" if spec.unit == "amount" else spec.label
