"""The queue of breaks: filtered, worked on by keys, many at once; and one break with its story."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.four_eyes import may_be_second
from accounts.models import User
from accounts.policies import may, people_of
from accounts.requests import PersonRequest, signed_in
from engine.reconciliation.ranking import TITLES
from lib.errors import Invalid
from reconciliation.access import APPROVE, FOUR_EYES_FROM_AMOUNT, WORK, get, require_may, require_see
from reconciliation.learning import likely_causes
from reconciliation.models import Break, BreakState, Definition, ExportFormat, Recipient
from reconciliation.queries import FILTERS, clusters, codes_in, queue
from reconciliation.services.work_on_breaks import assign_breaks, comment_break, decide_resolution, resolve_breaks

BREAKS_ON_A_PAGE = 50
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
TEAMS = ("operations", "trading", "management")


@signed_in
@require_safe
def breaks(request: PersonRequest) -> HttpResponse:
    """The queue; a page more is known to be there without counting all of them."""
    require_see(request.user)
    filters = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    page = max(1, int(request.GET["page"])) if request.GET.get("page", "").isdecimal() else 1
    start = (page - 1) * BREAKS_ON_A_PAGE
    rows = list(queue(filters)[start : start + BREAKS_ON_A_PAGE + 1])
    context = {
        "section": "reconciliation",
        "breaks": rows[:BREAKS_ON_A_PAGE],
        "now": timezone.now(),
        "filters": filters,
        "query": urlencode(filters),
        "page": page,
        "has_next": len(rows) > BREAKS_ON_A_PAGE,
        "states": BreakState.choices,
        "severities": SEVERITIES,
        "teams": TEAMS,
        "definitions": Definition.objects.all(),
        "clusters": clusters() if not filters else [],
        "may_work": may(request.user, WORK),
        "causes": TITLES.items(),
        "formats": ExportFormat.choices,
        "recipients": Recipient.objects.filter(is_active=True),
    }
    return render(request, "reconciliation/breaks.html", context)


@signed_in
@require_POST
def breaks_act(request: PersonRequest) -> HttpResponse:
    """One verb on all breaks that are ticked, or on a whole cluster."""
    require_may(request.user, WORK)
    chosen = Break.objects.filter(code__in=codes_in(request.POST.getlist("of")))
    if cluster := request.POST.get("cluster", ""):
        chosen = Break.objects.filter(cluster=cluster, state=BreakState.OPEN)
    try:
        _act(request, list(chosen))
    except Invalid as error:
        messages.error(request, str(error))
    back = request.POST.get("query", "")
    return redirect(f"/reconciliation/breaks/{f'?{back}' if back else ''}")


def _act(request: PersonRequest, rows: list[Break]) -> None:
    if not rows:
        messages.error(request, "Tick at least one break.")
    elif request.POST.get("verb") == "take":
        messages.success(
            request, f"{len(assign_breaks(by=request.user, breaks=rows, to=request.user))} breaks are yours."
        )
    else:
        reason, cause = (request.POST.get(name, "") for name in ("reason", "cause"))
        done = resolve_breaks(by=request.user, breaks=rows, reason=reason, cause=cause)
        waiting = sum(row.state == BreakState.PROPOSED for row in done)
        said = f"{len(done) - waiting} resolved"
        messages.success(request, f"{said}, {waiting} wait for a second person." if waiting else f"{said}.")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def break_detail(request: PersonRequest, code: UUID) -> HttpResponse:
    """One break: what differs, since when, whose it is, what was said."""
    row = get(
        request.user,
        Break.objects.select_related("group__run", "owner", "definition", "proposed_by", "settled_by"),
        code,
    )
    problems: Any = ()
    if request.method == "POST":
        try:
            _work(request, row)
        except Invalid as error:
            problems = error.problems
        else:
            return redirect("recon-break", row.code)
    likely, measured = likely_causes(row) if row.is_unsettled else ([], {})
    context = {
        "section": "reconciliation",
        "row": row,
        "likely": [(TITLES[cause], share) for cause, share in likely],
        "measured": measured,
        "causes": TITLES.items(),
        "now": timezone.now(),
        "differences": row.group.detail.get("differences", []) if row.group else [],
        "values": row.group.detail.get("values", {}) if row.group else {},
        "comments": row.comments.select_related("by"),
        "may_work": may(request.user, WORK),
        "may_decide": may(request.user, APPROVE)
        and row.state == BreakState.PROPOSED
        and may_be_second(request.user, [row.proposed_by_id]),
        "workers": people_of(WORK) if may(request.user, WORK) else [],
        "four_eyes_from": FOUR_EYES_FROM_AMOUNT,
        "problems": problems,
    }
    return render(request, "reconciliation/break.html", context, status=400 if problems else 200)


def _work(request: PersonRequest, row: Break) -> None:
    verb, text = request.POST.get("verb", ""), request.POST.get("text", "")
    if verb == "assign":
        to = User.objects.filter(email=request.POST.get("owner", "")).first()
        assign_breaks(by=request.user, breaks=[row], to=to)
    elif verb == "resolve":
        resolve_breaks(by=request.user, breaks=[row], reason=text, cause=request.POST.get("cause", ""))
    elif verb in {"approve", "reject"}:
        decide_resolution(by=request.user, row=row, approve=verb == "approve", comment=text)
    else:
        comment_break(by=request.user, row=row, text=text)
