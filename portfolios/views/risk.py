"""Risk of a pool: concentration as heat maps, simulations asked for and read with the exact figures beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policies import require
from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from engine.portfolios.assets import Asset
from engine.portfolios.measure import par_of
from engine.portfolios.ratings import MOODYS
from engine.portfolios.terms import DealTerms
from lib.charts import Chart, Mark, Series
from lib.errors import Invalid, NotFound
from portfolios.access import PREPARE, get_deal, visible_deals
from portfolios.models import PoolSimulation
from portfolios.queries import checked, latest_run
from portfolios.services.scenarios import SIMULATION_FIELDS, SimulationTerms, request_pool_simulation
from portfolios.views.deals import rights
from ratings.typed_fields import default_texts, fields_of, payload, posted, texts

SHOWN_EARLIER, HEATS, SHOWN_INDUSTRIES = 10, 5, 12


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def risk(request: PersonRequest, code: UUID) -> HttpResponse:
    """Heat maps of the pool, and the form of a simulation."""
    deal = get_deal(request.user, code)
    run = latest_run(deal)
    if run is None:
        raise NotFound("The deal has no pool yet: import a tape first.")
    typed = default_texts(SIMULATION_FIELDS)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        require(request.user, PREPARE)
        typed = posted(SIMULATION_FIELDS, request.POST, "")
        try:
            asked = request_pool_simulation(by=request.user, pool=run.snapshot, terms=payload(SIMULATION_FIELDS, typed))
            return redirect("clo-simulation", asked.code)
        except Invalid as error:
            problems = error.problems
    pool, terms, _ = checked(run)
    context = {
        "section": "clo",
        "deal": deal,
        "run": run,
        "heat": heat_map(pool.performing, terms),
        "correlations": correlation_map(pool.performing, terms),
        "fields": fields_of(SIMULATION_FIELDS, typed, "", problems),
        "problems": [p for p in problems if p.place not in {spec.path for spec in SIMULATION_FIELDS}],
        "earlier": PoolSimulation.objects.filter(snapshot__deal=deal).select_related("requested_by", "snapshot")[
            :SHOWN_EARLIER
        ],
        **rights(request),
    }
    return render(request, "portfolios/risk.html", context, status=400 if problems else 200)


def heat_map(performing: Sequence[Asset], terms: DealTerms) -> dict[str, Any]:
    """Par by Moody's industry and rating for WARF: shares of par not in default, and how hot each is."""
    total = sum((par_of(asset, terms) for asset in performing), Decimal(0))
    cells: dict[tuple[str, str], Decimal] = {}
    for asset in performing:
        key = (asset.moodys_industry or "not known", asset.moodys_rating_warf or "not known")
        cells[key] = cells.get(key, Decimal(0)) + par_of(asset, terms)
    sums: dict[str, Decimal] = {}
    for (industry, _), par in cells.items():
        sums[industry] = sums.get(industry, Decimal(0)) + par
    ratings = sorted({rating for _, rating in cells}, key=lambda r: MOODYS.index(r) if r in MOODYS else 99)
    hottest = max(cells.values(), default=Decimal(0))
    rows = [
        (industry, sums[industry] / total, [_cell(cells.get((industry, rating)), total, hottest) for rating in ratings])
        for industry in sorted(sums, key=lambda name: (-sums[name], name))
    ]
    return {"ratings": ratings, "rows": rows}


def _cell(par: Decimal | None, total: Decimal, hottest: Decimal) -> tuple[Decimal | None, str]:
    """The share and its colour: what is concentrated is hot, what is not there has none."""
    if not par:
        return None, ""
    return par / total, f"heat--{HEATS - min(HEATS, int((HEATS + 1) * par / hottest))}"


def correlation_map(performing: Sequence[Asset], terms: DealTerms) -> dict[str, Any]:
    """Share of every two issuers' joint par that lies in each pair of the largest industries."""
    sums: dict[str, Decimal] = {}
    for asset in performing:
        sums[asset.moodys_industry] = sums.get(asset.moodys_industry, Decimal(0)) + par_of(asset, terms)
    total = sum(sums.values(), Decimal(0))
    names = sorted(sums, key=lambda name: (-sums[name], name))[:SHOWN_INDUSTRIES]
    products = {(a, b): sums[a] * sums[b] / total / total for a in names for b in names} if total else {}
    hottest = max(products.values(), default=Decimal(0))
    rows = [(a, [_cell(products[a, b], Decimal(1), hottest) for b in names]) for a in names if products]
    return {"names": names, "rows": rows}


@signed_in
@require_safe
def simulation(request: PersonRequest, code: UUID) -> HttpResponse:
    """A simulation: followed while it runs, then its counts, losses by class, tails and migrations."""
    found = (
        PoolSimulation.objects.select_related("snapshot__deal")
        .filter(snapshot__deal__in=visible_deals(request.user), code=code)
        .first()
    )
    if found is None:
        raise NotFound("There is no such simulation.")
    terms, chart = SimulationTerms(**found.terms), _counts(found.summary) if found.summary else None
    context = {
        "section": "clo",
        "deal": found.snapshot.deal,
        "simulation": found,
        "summary": found.summary,
        "chart": chart,
        "chart_data": {"counts": asdict(chart["chart"])} if chart else None,
        "terms": [(spec.label, texts(SIMULATION_FIELDS, found.terms)[spec.path] or "–") for spec in SIMULATION_FIELDS],
        "is_matrix": terms.same_industry is not None,
    }
    return render(request, "portfolios/simulation.html", context)


def _counts(summary: dict[str, Any]) -> dict[str, Any]:
    """Shares of paths by number of defaults, with the exact probabilities, as a table and a chart hold them."""
    paths = sum(summary["histogram"])
    last = max((n for n, count in enumerate(summary["histogram"]) if count), default=0) + 1
    shares = tuple(count / paths for count in summary["histogram"][:last])
    exact = tuple(summary["pmf"][:last])
    series = [Series("Simulated", shares, Mark.COLUMN)]
    if exact:
        series.append(Series("Exact", exact, Mark.LINE))
    chart = Chart("counts", "Defaults", "share", "", "Issuers in default", tuple(map(str, range(last))), tuple(series))
    return {"rows": [(n, shares[n], exact[n] if exact else None) for n in range(last)], "chart": chart}
