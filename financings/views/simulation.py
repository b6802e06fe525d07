"""A simulation: asked for, followed, read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import PersonRequest, signed_in
from engine.basics.fields import FieldKind
from engine.errors import Problem
from engine.risk import FIELDS, PROVENANCE, SimulationTerms
from financings.access import get_financing, visible_financings
from financings.models import Financing, Simulation
from financings.services.request_simulation import request_simulation
from financings.words import unit_text
from jobs.access import may_cancel
from jobs.models import JobState
from lib import figures
from lib.errors import Invalid, NotFound
from ratings.typed_fields import fields_of, payload, posted, texts

SHOWN_EARLIER = 10
FIRST_FIELDS = ("paths", "seed", "antithetic")
MOST_DECIMALS = 3
# From which share of paths a default without a loss is worth a word, and up to which loss it counts as none.
NOTABLE_DEFAULT, NOTABLE_LOSS = 0.01, 0.0005


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def simulation_new(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of a simulation of one financing, and those made before."""
    financing = get_financing(request.user, code)
    if request.method != "POST":
        return _form(request, financing, texts(FIELDS, SimulationTerms.from_dict({}).to_dict()))
    typed = posted(FIELDS, request.POST, "")
    try:
        made = request_simulation(by=request.user, financing=financing, terms=payload(FIELDS, typed))
    except Invalid as error:
        return _form(request, financing, typed, error.problems)
    return redirect("simulation", made.code)


@signed_in
@require_safe
def simulation_detail(request: PersonRequest, code: UUID) -> HttpResponse:
    """One simulation: its progress while it runs, then what it found."""
    simulation = _get(request, code)
    context = {
        "section": "projects",
        "simulation": simulation,
        "may_cancel": may_cancel(request.user, simulation),
        "financing": simulation.financing,
        "project": simulation.financing.project,
        "assumptions": _assumptions(simulation),
        **(_findings(simulation.summary) if simulation.state == JobState.DONE else {}),
    }
    return render(request, "financings/simulation.html", context)


def _get(request: PersonRequest, code: UUID) -> Simulation:
    mine = Simulation.objects.filter(financing__in=visible_financings(request.user))
    found = mine.filter(code=code).select_related("financing__project").first()
    if found is None:
        raise NotFound("There is no such simulation.")
    return found


def _form(
    request: PersonRequest, financing: Financing, typed: Mapping[str, str], problems: tuple[Problem, ...] = ()
) -> HttpResponse:
    fields = fields_of(FIELDS, typed, "", problems)
    known = {spec.path for spec in FIELDS}
    context = {
        "section": "projects",
        "financing": financing,
        "project": financing.project,
        "first": [each for each in fields if each.spec.path in FIRST_FIELDS],
        "others": [each for each in fields if each.spec.path not in FIRST_FIELDS],
        "problems": [problem.message for problem in problems if problem.place not in known],
        "provenance": [(spec.label, PROVENANCE[spec.path]) for spec in FIELDS if spec.path in PROVENANCE],
        "earlier": financing.simulations.select_related("requested_by")[:SHOWN_EARLIER],
    }
    return render(request, "financings/simulation_new.html", context, status=422 if problems else 200)


def _assumptions(simulation: Simulation) -> list[tuple[str, str]]:
    shown = texts(FIELDS, simulation.terms)
    found = {each.spec.path: each for each in fields_of(FIELDS, shown, "")}
    return [
        (spec.label, ("yes" if found[spec.path].is_ticked else "no") if spec.kind is FieldKind.FLAG
         else f"{found[spec.path].typed}{found[spec.path].unit_mark}" or "by the tenant's rating")
        for spec in FIELDS
    ]  # fmt: skip


def _findings(summary: dict[str, Any]) -> dict[str, Any]:
    """The summary in words, and the series of its charts."""
    low = summary["dscr_minimum"]
    return {
        "figures": [
            ("Lowest DSCR, mean", _estimate(low, "times"), _error(low, "times")),
            ("Below 1.00x in a year", _estimate(summary["below_one"], "share"), _error(summary["below_one"], "share")),
            ("Locked up", _estimate(summary["locked_up"], "share"), _error(summary["locked_up"], "share")),
            ("Equity not repaid", _estimate(summary["equity_lost"], "share"), _error(summary["equity_lost"], "share")),
        ],
        "tranches": [_tranche(each) for each in summary["tranches"]],
        "paid_late": [words for each in summary["tranches"] if (words := _paid_late(each))],
        "percentiles": _percentiles(summary),
        "convergence": [
            (each["paths"], _estimate(each["dscr"], "times"), _error(each["dscr"], "times"),
             *_share(each["default"]))
            for each in summary["convergence"][:: max(1, len(summary["convergence"]) // 10)]
        ],
        "charts": {
            "years": list(range(1, len(summary["base_path"]) + 1)),
            "base": summary["base_path"],
            "fan": {str(name): values for name, values in summary["fan"].items()},
            "edges": summary["histogram_edges"],
            "counts": summary["histogram_counts"],
            "tranches": [{"label": t["tranche"], "values": t["default_by_year"]} for t in summary["tranches"]],
            "convergence": [
                [each["paths"], each["dscr"]["mean"], each["dscr"]["standard_error"]] for each in summary["convergence"]
            ],
        },
    }  # fmt: skip


def _estimate(estimate: dict[str, float] | None, unit: str) -> str:
    if estimate is None:
        return figures.DASH
    if unit == "times":
        return f"{figures.amount(estimate['mean'], _decimals(estimate['standard_error']))}x"
    return _share(estimate)[0]


def _error(estimate: dict[str, float] | None, unit: str) -> str:
    if estimate is None:
        return ""
    error = estimate["standard_error"]
    decimals = _decimals(error if unit == "times" else 100.0 * error)
    return f"± {figures.amount(error, decimals)}x" if unit == "times" else f"± {figures.percent(error, decimals)}"


def _decimals(error: float) -> int:
    """The decimals that an estimate with this standard error has: down to the error's first digit, one to three."""
    return min(max(-math.floor(math.log10(error)), 1), MOST_DECIMALS) if error > 0 else 1


def _share(estimate: dict[str, float]) -> tuple[str, str]:
    """An estimated share and its error, both with the digits that the paths bear out."""
    decimals = _decimals(100.0 * estimate["standard_error"])
    return figures.percent(estimate["mean"], decimals), figures.percent(estimate["standard_error"], decimals)


def _tranche(found: dict[str, Any]) -> tuple[str, ...]:
    default, loss = found["default_probability"], found["expected_loss"]
    return (
        found["tranche"], *_share(default), figures.percent(found["loss_given_default"], 1), *_share(loss),
        figures.percent(found["worst_loss"], 1),
    )  # fmt: skip


def _paid_late(found: dict[str, Any]) -> str:
    """What a default without a loss means; empty where there is a loss, or hardly a default."""
    default, loss = found["default_probability"]["mean"], found["expected_loss"]["mean"]
    if default < NOTABLE_DEFAULT or loss > NOTABLE_LOSS:
        return ""
    often = _share(found["default_probability"])[0]
    return (
        f"{found['tranche']} misses a payment in {often} of the paths and loses next to nothing: what is deferred is "
        "paid later with interest on it. Read it as late, not as lost."
    )


def _percentiles(summary: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Lowest DSCR and equity IRR by percentile."""
    low, irr = summary["dscr_minimum_percentiles"], summary["equity_irr_percentiles"]
    return [
        (f"{name}%", unit_text(low.get(name), "times"), unit_text(irr.get(name), "rate"))
        for name in sorted({*low, *irr}, key=int)
    ]
