"""Compliance of a strategy: the last check with its reasons, the gates, who is here, and the steps from state to state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import PersonRequest, makes_nothing, signed_in
from engine.errors import Problem
from lib.errors import Invalid, NotFound
from records.queries import current_version
from strategies.access import Action, actions_of, get_visible, require_on
from strategies.flow import steps_from
from strategies.gates import check_gate, work_gates
from strategies.limit_sets import limits_of
from strategies.models import Decision, DeskLimits, Strategy
from strategies.presence import holder, lay_down, others_here, seen, take_up
from strategies.queries import latest_version
from strategies.services.check import check_version
from strategies.services.decide import take_step
from strategies.views.shown import strategy_context

BADGES = {"OK": "pass", "REVIEW": "warn", "BLOCK": "fail"}
SHOWN_CHECKS = 20


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def compliance(request: PersonRequest, code: UUID) -> HttpResponse:
    """The page; a post checks, takes a review up or lays it down, or takes a step."""
    strategy = get_visible(request.user, Strategy, code)
    if request.method != "POST":
        return _page(request, strategy)
    require_on(request.user, strategy.desk, Action.COMMENT)
    try:
        messages.success(request, _DEEDS.get(request.POST.get("do", ""), _step)(request, strategy))
    except Invalid as error:
        return _page(request, get_visible(request.user, Strategy, code), error.problems)
    except NotFound as missing:
        return _page(request, strategy, [Problem("missing", "limits", str(missing))])
    return redirect("strategy-compliance", strategy.code)


@makes_nothing
@signed_in
@require_POST
def presence(request: PersonRequest, code: UUID) -> HttpResponse:
    """The fragment of who is here; whoever asks is."""
    strategy = get_visible(request.user, Strategy, code)
    seen(strategy, request.user)
    return render(request, "strategies/fragments/presence.html", _presence(request, strategy))


def _check(request: PersonRequest, strategy: Strategy) -> str:
    check = check_version(by=request.user, version=latest_version(strategy))
    return f"Checked: {check.get_status_display()}."


def _take_up(request: PersonRequest, strategy: Strategy) -> str:
    _require_reviewer(request, strategy)
    take_up(strategy, request.user)
    return "You work on this review; nobody else decides it meanwhile."


def _lay_down(request: PersonRequest, strategy: Strategy) -> str:
    _require_reviewer(request, strategy)
    lay_down(strategy, request.user)
    return "Anybody of the desk may decide again."


def _require_reviewer(request: PersonRequest, strategy: Strategy) -> None:
    allowed = actions_of(request.user, strategy.desk)
    require_on(request.user, strategy.desk, Action.JUDGE_RISK if Action.JUDGE_RISK in allowed else Action.COMPLY)


def _step(request: PersonRequest, strategy: Strategy) -> str:
    decision = take_step(
        by=request.user,
        strategy=strategy,
        step=request.POST.get("do", ""),
        reason=request.POST.get("reason", ""),
        seen_hash=request.POST.get("seen_hash", ""),
    )
    return f"{strategy} stands at {decision.get_after_display().lower()}."


_DEEDS: dict[str, Callable[[PersonRequest, Strategy], str]] = {
    "check": _check,
    "take_up": _take_up,
    "lay_down": _lay_down,
}


def _page(request: PersonRequest, strategy: Strategy, problems: Sequence[Problem] = ()) -> HttpResponse:
    context = strategy_context(request, strategy, "strategy-compliance")
    version, allowed = context["version"], actions_of(request.user, strategy.desk)
    checks = list(version.compliance_checks.select_related("limit_set", "made_by")[:SHOWN_CHECKS])
    check = checks[0] if checks else None
    context |= {
        "check": check,
        "badge": BADGES.get(check.status, "") if check else "",
        "reasons": [(row, BADGES[row["status"]]) for row in check.reasons] if check else [],
        "checks": [(each, BADGES[each.status]) for each in checks],
        "gates": [*work_gates(version), check_gate(check.status if check else None)],
        "limits": _limits(strategy),
        "steps": steps_from(strategy.state, allowed),
        "decisions": Decision.objects.filter(strategy=strategy).select_related("made_by", "version"),
        "may_check": not allowed.isdisjoint({Action.MEASURE, Action.COMPLY}),
        "may_review": not allowed.isdisjoint({Action.JUDGE_RISK, Action.COMPLY}),
        "reason": request.POST.get("reason", "") if problems else "",
        "problems": problems,
        **_presence(request, strategy),
    }
    return render(request, "strategies/compliance.html", context, status=422 if problems else 200)


def _limits(strategy: Strategy) -> tuple[DeskLimits, list[tuple[str, str]]] | None:
    """The limit set in force and its rules in words; None where there is none."""
    try:
        found = current_version(DeskLimits, strategy.limits_family)
    except NotFound:
        return None
    return found, limits_of(found.content).in_words()


def _presence(request: PersonRequest, strategy: Strategy) -> dict[str, object]:
    return {"strategy": strategy, "others": others_here(strategy, request.user), "holder": holder(strategy)}
