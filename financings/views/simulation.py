"""A simulation: asked for, followed, read."""

from __future__ import annotations

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
        "percentiles": _percentiles(summary),
        "convergence": [
            (each["paths"], _estimate(each["dscr"], "times"), _error(each["dscr"], "times"),
             _precise(each["default"]["mean"]), _precise(each["default"]["standard_error"]))
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
    return figures.DASH if estimate is None else unit_text(estimate["mean"], unit)


def _error(estimate: dict[str, float] | None, unit: str) -> str:
    if estimate is None:
        return ""
    error = estimate["standard_error"]
    return f"± {figures.amount(error, 4)}x" if unit == "times" else f"± {_precise(error)}"


def _precise(value: float | None) -> str:
    return figures.percent(value, 3)


def _tranche(found: dict[str, Any]) -> tuple[str, ...]:
    default, loss = found["default_probability"], found["expected_loss"]
    return (
        found["tranche"], _precise(default["mean"]), _precise(default["standard_error"]),
        _precise(found["loss_given_default"]), _precise(loss["mean"]), _precise(loss["standard_error"]),
        _precise(found["worst_loss"]),
    )  # fmt: skip


def _percentiles(summary: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Lowest DSCR and equity IRR by percentile."""
    low, irr = summary["dscr_minimum_percentiles"], summary["equity_irr_percentiles"]
    return [
        (f"{name}%", unit_text(low.get(name), "times"), unit_text(irr.get(name), "rate"))
        for name in sorted({*low, *irr}, key=int)
    ]
