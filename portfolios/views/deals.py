"""Deals: the list, one with its tests by group, one test opened to its rows and its history."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.policies import require
from accounts.requests import PersonRequest, signed_in
from engine.portfolios.compliance import Result, Status
from engine.portfolios.rules import DENOMINATORS, RULES
from lib.charts import Chart, Mark, Series
from lib.errors import NotFound
from portfolios.access import VIEW, can_decide, can_prepare, get_deal, visible_deals
from portfolios.models import ComplianceResult, ComplianceRun, Deal
from portfolios.queries import checked, latest_run, payment_calendar
from portfolios.tape import TITLES
from portfolios.views.shown import BADGES, PLAIN, figure, grouped, shown_test

SHOWN_HISTORY = 24
SHOWN_ROWS = 250


@signed_in
@require_safe
def deals(request: PersonRequest) -> HttpResponse:
    """Every deal with what matters of it today."""
    require(request.user, VIEW)
    return render(
        request, "portfolios/deals.html", {"section": "clo", "lines": [_line(d) for d in visible_deals(request.user)]}
    )


def _line(deal: Deal) -> dict[str, Any]:
    run = latest_run(deal)
    rows = {row.number: row for row in run.test_results.all()} if run else {}
    dates = payment_calendar(deal, timezone.localdate()).adjusted
    return {
        "deal": deal,
        "run": run,
        "par": next((row.denominator for number, row in rows.items() if number == 1), None),
        "warf": figure(36, rows[36].value) if 36 in rows else "–",
        "was": figure(32, rows[32].value) if 32 in rows else "–",
        "failed": sum(row.status == Status.FAIL for row in rows.values()),
        "kept": sum(row.status == Status.KEPT for row in rows.values()),
        "open": sum(row.status == Status.NOT_ASSESSED for row in rows.values()),
        "next": dates[0] if dates else None,
    }


@signed_in
@require_safe
def deal(request: PersonRequest, code: UUID) -> HttpResponse:
    """A deal: tests in groups, coverage by class, what the tape was warned of."""
    found = get_deal(request.user, code)
    run = chosen_run(request, found)
    context: dict[str, Any] = {"section": "clo", "deal": found, "run": run, **rights(request)}
    if run is not None:
        _, terms, compliance = checked(run)
        statuses = [result.status for result in compliance.results]
        context |= {
            "groups": grouped(compliance.results),
            "base": compliance.base,
            "coverage": compliance.coverage,
            "covers": [_cover(each) for each in compliance.coverage.classes],
            "counts": [(badge, words, statuses.count(Status(value))) for value, (badge, words) in BADGES.items()],
            "days": terms.days,
            "runs": found.test_runs.select_related("snapshot")[:SHOWN_HISTORY],
            "trend": (trend := _trend(found)),
            "trend_data": {"trend": asdict(trend)} if trend else None,
        }
    return render(request, "portfolios/deal.html", context)


def rights(request: PersonRequest) -> dict[str, bool]:
    """What the reader may do on the room's pages."""
    return {"may_prepare": can_prepare(request.user), "may_decide": can_decide(request.user)}


def chosen_run(request: PersonRequest, deal: Deal) -> ComplianceRun | None:
    """The run that the address names, else the latest."""
    code = request.GET.get("run", "")
    if not code:
        return latest_run(deal)
    try:
        return deal.test_runs.select_related("snapshot", "limit_set", "deal").get(code=UUID(code))
    except (ValueError, ComplianceRun.DoesNotExist):
        raise NotFound("There are no such tests of this deal.") from None


def _cover(each: Any) -> dict[str, Any]:
    ratios = [
        (name, ratio, _ratio_badge(ratio)) for name, ratio in (("OC", each.oc), ("IC", each.ic)) if ratio is not None
    ]
    return {"of": each, "ratios": ratios, "cures": each.oc_cures}


def _ratio_badge(ratio: Any) -> tuple[str, str]:
    if ratio.passed is None:
        return BADGES[Status.NOT_ASSESSED.value]
    return BADGES[(Status.PASS if ratio.passed else Status.FAIL).value]


def _trend(deal: Deal) -> Chart | None:
    """Failed tests by determination date, the oldest first."""
    runs = list(deal.test_runs.select_related("snapshot").prefetch_related("test_results")[:SHOWN_HISTORY])[::-1]
    if len(runs) < 2:
        return None
    failed = tuple(float(sum(row.status == Status.FAIL for row in run.test_results.all())) for run in runs)
    labels = tuple(f"{run.snapshot.determination_date:%d %b %Y}, pool {run.snapshot.number}" for run in runs)
    return Chart("failed", "Tests that fail", "count", "", "Pool", labels, (Series("Failed", failed, Mark.COLUMN),))


@signed_in
@require_safe
def test(request: PersonRequest, code: UUID, number: int) -> HttpResponse:
    """One test: its rule, numerator and denominator, every row, what would turn it, its history."""
    found = get_deal(request.user, code)
    run = chosen_run(request, found)
    if run is None:
        raise NotFound("The deal has no tests yet.")
    pool, _, compliance = checked(run)
    result = next((each for each in compliance.results if each.rule.number == number), None)
    if result is None:
        raise NotFound("The deal has no such test.")
    assets = {asset.blkrockid: asset for asset in pool.assets}
    rows = sorted(result.rows, key=lambda row: (-row[1], row[0]))
    context = {
        "section": "clo",
        "deal": found,
        "run": run,
        "line": shown_test(result),
        "result": result,
        "missing": abs(result.room_amount) if result.room_amount is not None and result.room_amount < 0 else None,
        "below": DENOMINATORS[result.rule.denominator],
        "rows": [(assets[name], amount, _share(amount, result)) for name, amount in rows[:SHOWN_ROWS]],
        "row_count": len(rows),
        "diversity": compliance.diversity if result.rule.special == "diversity" else None,
        "lacking": [assets[name] for name in result.lacking],
        "history": [
            (row, figure(number, row.value), figure(number, row.threshold), BADGES[row.status])
            for row in _history(found, number)
        ],
        "headers": TITLES,
    }
    if chart := _course(found, number):
        context |= {"course": chart, "course_data": {"course": asdict(chart)}}
    return render(request, "portfolios/test.html", context)


def _share(amount: Any, result: Result) -> Any:
    return amount / result.denominator if result.denominator else None


def _course(deal: Deal, number: int) -> Chart | None:
    """A test's values with its thresholds by pool, the oldest first; None where there is only one."""
    rows = [row for row in _history(deal, number)[::-1] if row.value is not None]
    if len(rows) < 2:
        return None
    labels = tuple(f"{row.run.snapshot.determination_date:%d %b %Y}, pool {row.run.snapshot.number}" for row in rows)
    series = [Series("Value", tuple(float(row.value or 0) for row in rows), Mark.COLUMN)]
    if all(row.threshold is not None for row in rows):
        series.append(Series("Threshold", tuple(float(row.threshold or 0) for row in rows), Mark.LINE))
    unit = "count" if number in PLAIN else "share"
    return Chart("course", RULES[number].name, unit, "", "Pool", labels, tuple(series))


def _history(deal: Deal, number: int) -> list[ComplianceResult]:
    found = ComplianceResult.objects.filter(run__deal=deal, number=number).select_related("run__snapshot")
    return list(found.order_by("-run__created_at", "-run__pk")[:SHOWN_HISTORY])
