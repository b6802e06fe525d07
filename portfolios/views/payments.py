"""Payment dates and scenarios: dates across, steps down, every cell opens to its reason; scenarios side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policies import require
from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from engine.portfolios.payments import PRINCIPAL, Ending, Line, PaymentDate, Run
from engine.portfolios.scenarios import FIELDS, ScenarioTerms
from lib.errors import Invalid, NotFound
from portfolios.access import DECIDE, PREPARE, get_deal, visible_deals
from portfolios.models import ComplianceRun, Deal, Payment, Scenario
from portfolios.queries import latest_run
from portfolios.running import run_scenario
from portfolios.services.after_default import set_after_default
from portfolios.services.pay import Collections, book_payment, defaults_of, next_payment
from portfolios.services.scenarios import delete_scenario, save_scenario
from portfolios.typed import as_typed, read_typed
from portfolios.views.deals import rights
from ratings.typed_fields import fields_of, payload, posted, texts

MOST_COMPARED = 4
TYPED = (
    ("benchmark", "Benchmark", "rate", "A year's, such as 4.05%."),
    ("interest_collected", "Interest collected", "amount", "With the commitment fees of the period."),
    ("administrative_expenses", "Administrative expenses", "amount", "The cap of the papers applies."),
)


def _run(deal: Deal) -> ComplianceRun:
    run = latest_run(deal)
    if run is None:
        raise NotFound("The deal has no pool yet: import a tape first.")
    return run


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def next_date(request: PersonRequest, code: UUID) -> HttpResponse:
    """The next payment date worked out on the pool as it stands; booked by those who may, who also say what follows an
    event of default."""
    deal = get_deal(request.user, code)
    run = _run(deal)
    if request.method == "POST" and "after_default" in request.POST:
        return _set_after_default(request, deal)
    typed = defaults_of(run)
    problems: list[Problem] = []
    data = request.POST if request.method == "POST" else request.GET
    for name, _, unit, _ in TYPED:
        if data.get(name):
            try:
                typed = replace(typed, **{name: read_typed(data[name], name, unit)})
            except Invalid as error:
                problems += error.problems
    if request.method == "POST" and not problems:
        require(request.user, DECIDE)
        try:
            payment = book_payment(by=request.user, run=run, typed=typed)
            messages.success(request, f"{payment} is booked.")
            return redirect("clo-payment", payment.code)
        except Invalid as error:
            problems += error.problems
    context = _due_context(request, deal, run, typed, problems)
    return render(request, "portfolios/payment_next.html", context, status=400 if request.method == "POST" else 200)


def _set_after_default(request: PersonRequest, deal: Deal) -> HttpResponse:
    try:
        set_after_default(by=request.user, deal=deal, accelerates=request.POST["after_default"] == "accelerates")
        messages.success(request, "What follows an event of default is set.")
    except Invalid as error:
        messages.error(request, error.problems[0].message)
    return redirect("clo-payment-next", deal.code)


def _due_context(
    request: PersonRequest, deal: Deal, run: ComplianceRun, typed: Collections, problems: list[Problem]
) -> dict[str, Any]:
    data = request.POST or request.GET
    context: dict[str, Any] = {
        "section": "clo",
        "deal": deal,
        "run": run,
        "fields": [
            (name, label, data.get(name) or as_typed(getattr(typed, name), unit), told)
            for name, label, unit, told in TYPED
        ],
        "asked": urlencode({name: data[name] for name, *_ in TYPED if data.get(name)}),
        "payments": deal.payments_made.select_related("made_by")[:40],
        **rights(request),
    }
    try:
        due = next_payment(run, typed)
        context |= {
            "date": due.run.dates[0],
            "place": due.run.place,
            "is_stopped": due.run.ending is Ending.DEFAULTED,
            "lines": list(enumerate(due.run.dates[0].lines)),
        }
        context["opened"] = _opened_line(request, due.run.dates[0].lines)
    except Invalid as error:
        problems += error.problems
    return {**context, "problems": problems}


def _opened_line(request: PersonRequest, lines: tuple[Line, ...]) -> Line | None:
    place = request.GET.get("line", "")
    return lines[int(place)] if place.isdecimal() and int(place) < len(lines) else None


@signed_in
@require_safe
def payment(request: PersonRequest, code: UUID) -> HttpResponse:
    """A payment date as it was booked."""
    found = (
        Payment.objects.select_related("deal", "snapshot", "made_by")
        .filter(deal__in=visible_deals(request.user), code=code)
        .first()
    )
    if found is None:
        raise NotFound("There is no such payment.")
    lines = found.closing["lines"]
    place = request.GET.get("line", "")
    context = {
        "section": "clo",
        "deal": found.deal,
        "payment": found,
        "lines": list(enumerate(lines)),
        "opened": lines[int(place)] if place.isdecimal() and int(place) < len(lines) else None,
        "balances": [
            (name, amount, found.closing["deferred"].get(name, "0"))
            for name, amount in found.closing["balances"].items()
        ],
    }
    return render(request, "portfolios/payment.html", context)


# Scenarios


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def scenarios(request: PersonRequest, code: UUID) -> HttpResponse:
    """The scenarios of a deal: kept, changed, up to four compared."""
    deal = get_deal(request.user, code)
    typed = texts(FIELDS, ScenarioTerms.from_dict({}).to_dict())
    problems: tuple[Problem, ...] = ()
    name = ""
    if request.method == "POST":
        require(request.user, PREPARE)
        typed, name = posted(FIELDS, request.POST, ""), request.POST.get("name", "")
        try:
            return redirect(
                "clo-scenario", save_scenario(by=request.user, deal=deal, name=name, terms=payload(FIELDS, typed)).code
            )
        except Invalid as error:
            problems = error.problems
    return render(
        request,
        "portfolios/scenarios.html",
        _compare_context(request, deal, typed, name, problems),
        status=400 if problems else 200,
    )


def _compare_context(
    request: PersonRequest, deal: Deal, typed: dict[str, str], name: str, problems: tuple[Problem, ...]
) -> dict[str, Any]:
    every = list(deal.cash_scenarios.select_related("made_by"))
    picked = [each for each in every if str(each.code) in request.GET.getlist("pick")][:MOST_COMPARED] or every[
        :MOST_COMPARED
    ]
    run = latest_run(deal)
    outcomes = [run_scenario(run, each) for each in picked] if run else []
    return {
        "section": "clo",
        "deal": deal,
        "every": every,
        "picked": picked,
        "rows": _compared(outcomes),
        "fields": fields_of(FIELDS, typed, "", problems),
        "name": name,
        "problems": [p for p in problems if p.place not in {spec.path for spec in FIELDS}],
        **rights(request),
    }


def _compared(outcomes: list[Any]) -> list[tuple[str, str, list[Any]]]:
    """Rows of the comparison: words, the kind of figure, a value for each scenario."""
    if not outcomes:
        return []
    names = list(outcomes[0].interest)
    return [
        ("Ends", "text", [o.run.ending.value for o in outcomes]),
        ("Event of default", "text", [o.run.place or "none" for o in outcomes]),
        ("First test to fail", "text", [o.first_failure or "none" for o in outcomes]),
        *((f"Class {n}, interest", "amount", [o.interest[n] for o in outcomes]) for n in names),
        *((f"Class {n}, principal", "amount", [o.principal[n] for o in outcomes]) for n in names),
        *((f"Class {n}, not repaid", "amount", [o.left.get(n) for o in outcomes]) for n in names),
        ("Subordinated notes", "amount", [o.subordinated for o in outcomes]),
        ("Incentive fee", "amount", [o.incentive for o in outcomes]),
        ("Fees", "amount", [o.fees for o in outcomes]),
        ("Yield of the subordinated notes at issue price", "rate", [o.equity_irr for o in outcomes]),
    ]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def scenario(request: PersonRequest, code: UUID) -> HttpResponse:
    """A scenario run to the end: steps down, dates across; ?date= and ?line= open a cell."""
    found = Scenario.objects.select_related("deal").filter(deal__in=visible_deals(request.user), code=code).first()
    if found is None:
        raise NotFound("There is no such scenario.")
    if request.method == "POST":
        require(request.user, PREPARE)
        delete_scenario(by=request.user, scenario=found)
        return redirect("clo-scenarios", found.deal.code)
    outcome = run_scenario(_run(found.deal), found)
    heads, rows = grid_of(outcome.run)
    context = {
        "section": "clo",
        "deal": found.deal,
        "scenario": found,
        "outcome": outcome,
        "heads": heads,
        "rows": rows,
        "opened": _opened_cell(request, outcome.run),
        "terms": [(spec.label, texts(FIELDS, found.terms)[spec.path]) for spec in FIELDS],
        **rights(request),
    }
    return render(request, "portfolios/scenario.html", context)


def grid_of(run: Run) -> tuple[list[tuple[int, date, bool]], list[dict[str, Any]]]:
    """Steps down in the order they first come, dates across: the sum paid, and the place of its last line.

    A date's head: its number, its day, whether one priority of all proceeds pays it.
    """
    heads = [(each.number, each.pay_date, each.is_accelerated) for each in run.dates]
    order: dict[tuple[str, str, str], None] = {}
    cells: dict[tuple[tuple[str, str, str], int], tuple[Decimal, int]] = {}
    for each in run.dates:
        for place, line in enumerate(each.lines):
            key = (line.label, line.what, line.source)
            order.setdefault(key)
            before = cells.get((key, each.number), (Decimal(0), 0))[0]
            cells[key, each.number] = (before + line.paid, place)
    keys = sorted(order, key=_step_order)
    rows = [
        {
            "label": key[0],
            "what": key[1],
            "source": key[2],
            "cells": [(number, cells.get((key, number))) for number, *_ in heads],
        }
        for key in keys
    ]
    return heads, rows


def _step_order(key: tuple[str, str, str]) -> tuple[int, int, str, str]:
    """Interest before principal before all proceeds as one, then by number: 2 before 12, P1:4 after P1:3."""
    label, what, source = key
    first, _, second = label.lstrip("PE").partition(":")
    part = 2 if label.startswith("E") else int(source == PRINCIPAL or label.startswith("P"))
    number = int(first) + (100 if part == 1 and not label.startswith("P") else 0)
    return (part, number, f"{int(second or 0):03}", what)


def _opened_cell(request: PersonRequest, run: Run) -> dict[str, Any] | None:
    number, place = request.GET.get("date", ""), request.GET.get("line", "")
    chosen: PaymentDate | None = next((each for each in run.dates if str(each.number) == number), None)
    if chosen is None or not place.isdecimal() or int(place) >= len(chosen.lines):
        return None
    return {"date": chosen, "line": chosen.lines[int(place)]}
