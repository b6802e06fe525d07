"""Runs: asked for, followed, read group by group, taken away as a file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policies import may
from accounts.requests import PersonRequest, signed_in, signed_in_file
from engine.reconciliation.verdicts import MATCHED
from jobs.access import may_cancel
from lib.errors import Invalid, NotFound
from reconciliation import exports, regulatory
from reconciliation.access import RUN, WORK, get, require_may
from reconciliation.forms import DecisionForm, RunForm
from reconciliation.models import Decision, MatchGroup, Member, ReconciliationRun, What
from reconciliation.queries import files_of_day
from reconciliation.services.decide_records import decide_records, take_back
from reconciliation.services.request_run import request_run

GROUPS_ON_A_PAGE = 100
KINDS = (*exports.WRITERS, *regulatory.REGIMES)


@signed_in
@require_POST
def run_new(request: PersonRequest) -> HttpResponse:
    """A run asked for; back to the dashboard with the reason where it cannot be."""
    require_may(request.user, RUN)
    form = RunForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a reconciliation and a day as YYYY-MM-DD.")
        return redirect("recon")
    try:
        return redirect("recon-run", request_run(by=request.user, **form.cleaned_data).code)
    except Invalid as error:
        messages.error(request, str(error))
        return redirect("recon")


@signed_in
@require_safe
def run(request: PersonRequest, code: UUID) -> HttpResponse:
    """One run: its progress, its counts, its groups."""
    row = _get(request, code)
    verdict = request.GET.get("verdict", "")
    groups = row.match_groups.order_by("number")
    page = Paginator(groups.filter(verdict=verdict) if verdict else groups, GROUPS_ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    verdicts = row.summary.get("verdicts", {})
    context = {
        "section": "reconciliation",
        "run": row,
        "may_cancel": may_cancel(request.user, row),
        "verdicts": [
            (name, count, name in {str(each) for each in MATCHED}) for name, count in sorted(verdicts.items())
        ],
        "verdict": verdict,
        "page": page,
        "is_nway": row.definition.what == What.NWAY,
        "files": files_of_day(row.definition.sources.all(), row.business_date).select_related("source")[:60],
        "export_kinds": [*exports.WRITERS, *(regulatory.REGIMES if row.definition.what == What.OTC else ())],
    }
    return render(request, "reconciliation/run.html", context)


def _get(request: PersonRequest, code: UUID) -> ReconciliationRun:
    return get(request.user, ReconciliationRun.objects.select_related("definition", "terms", "requested_by"), code)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def group(request: PersonRequest, code: UUID, number: int) -> HttpResponse:
    """One group side by side, and the form by which a person decides."""
    row = _get(request, code)
    found = row.match_groups.filter(number=number).first()
    if found is None:
        raise NotFound("There is no such group.")
    problems: Any = ()
    if request.method == "POST":
        form = DecisionForm(request.POST)
        try:
            if form.is_valid():
                _decided(request, row, form)
                messages.success(request, "Decided: every later run follows it.")
                return redirect("recon-group", row.code, number)
        except Invalid as error:
            problems = error.problems
    return render(request, "reconciliation/group.html", _group_context(request, row, found, problems))


def _decided(request: PersonRequest, row: ReconciliationRun, form: DecisionForm) -> Decision:
    typed = form.cleaned_data
    sides = {
        name: [line.strip() for line in typed[name].splitlines() if line.strip()] for name in ("internal", "external")
    }
    return decide_records(
        by=request.user, definition=row.definition, choice=typed["choice"], reason=typed["reason"], **sides
    )


def _group_context(request: PersonRequest, row: ReconciliationRun, found: MatchGroup, problems: Any) -> dict[str, Any]:
    members = Member.objects.filter(group=found).select_related("record__file__source").order_by("-is_internal", "pk")
    records = [(each.is_internal, each.record) for each in members]
    differing = {each["field"]: each["weight"] for each in found.detail.get("differences", [])}
    fields = list(dict.fromkeys(name for _, record in records for name in record.values))
    lines = [(name, differing.get(name, ""), [record.values.get(name, "") for _, record in records]) for name in fields]
    references = {
        ours: sorted({record.reference for side, record in records if side == ours}) for ours in (True, False)
    }
    return {
        "section": "reconciliation",
        "run": row,
        "group": found,
        "values": found.detail.get("values", {}),
        "records": records,
        "lines": lines,
        "internal": "\n".join(references[True]),
        "external": "\n".join(references[False]),
        "decisions": _decisions(row, {*references[True], *references[False]}),
        "may_work": may(request.user, WORK),
        "problems": problems,
        "breaks": found.breaks.all(),
    }


def _decisions(row: ReconciliationRun, references: set[str]) -> list[Decision]:
    standing = Decision.objects.filter(definition=row.definition, is_taken_back=False).select_related("by")
    return [each for each in standing if references & {*each.internal, *each.external}]


@signed_in
@require_POST
def decision_take_back(request: PersonRequest, code: UUID) -> HttpResponse:
    """A decision taken back; later runs go by the rules again."""
    decision = get(request.user, Decision.objects.select_related("definition"), code)
    take_back(by=request.user, decision=decision)
    messages.success(request, "Taken back: the next run goes by the rules again.")
    return redirect("recon")


@signed_in_file
@require_safe
def run_export(request: PersonRequest, code: UUID, kind: str) -> HttpResponse:
    """The run's groups as a file."""
    row = _get(request, code)
    if kind not in KINDS:
        raise NotFound("There is no such file.")
    return sent_file(row, kind)


def sent_file(row: ReconciliationRun, kind: str) -> HttpResponse:
    """A run's groups, or its extract for a regulator, as a file to be kept."""
    content, content_type = _file_of(row, kind)
    answer = HttpResponse(content, content_type=content_type)
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="reconciliation-{row.business_date}-{str(row.code)[:8]}.{_ending(kind)}"'
    )
    return answer


def _file_of(row: ReconciliationRun, kind: str) -> tuple[bytes, str]:
    if kind in regulatory.REGIMES:
        return regulatory.extract(row, kind), exports.WRITERS["csv"][1]
    return exports.export(row, kind)


def _ending(kind: str) -> str:
    return f"{kind}.csv" if kind in regulatory.REGIMES else kind
