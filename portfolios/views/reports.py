"""Reports to take away, and a trustee's file beside our figures."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policies import require
from accounts.requests import PersonRequest, signed_in, signed_in_file
from engine.errors import Problem
from lib.errors import Invalid, NotFound
from lib.grids import MOST_BYTES
from portfolios.access import PREPARE, get_deal, get_of_deal, visible_deals
from portfolios.models import ComplianceRun, Deal, SavedReport, TrusteeReport
from portfolios.report import ASSET_COLUMNS, MOST_PAPER_COLUMNS, SECTIONS, USUAL_COLUMNS, Layout, paper, workbook
from portfolios.services.compare_trustee import compare_trustee
from portfolios.services.reports import delete_report, save_report
from portfolios.views.deals import chosen_run, rights

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS = {"xlsx": (workbook, EXCEL), "pdf": (paper, "application/pdf")}
VERDICTS = {
    "agrees": "pass",
    "differs": "fail",
    "unreadable": "fail",
    "unknown line": "warn",
    "not assessed": "info",
    "not in the file": "info",
}


@signed_in_file
@require_safe
def report(request: PersonRequest, code: UUID, form: str) -> HttpResponse:
    """The report of a deal's tests as a workbook or a paper."""
    deal = get_deal(request.user, code)
    run = chosen_run(request, deal)
    if run is None:
        raise NotFound("The deal has no tests yet.")
    return sent_report(run, form)


def sent_report(run: ComplianceRun, form: str, *layout: Layout) -> HttpResponse:
    """The report as a file, whole or by a layout: `form` is one of FORMS."""
    make, kind = FORMS[form]
    response = HttpResponse(make(run, *layout), content_type=kind)
    response.headers["Content-Disposition"] = (
        f'attachment; filename="clo-report-{run.snapshot.determination_date}.{form}"'
    )
    return response


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def saved_reports(request: PersonRequest, code: UUID) -> HttpResponse:
    """The reports of a deal by name, and choosing a new one."""
    return _builder(request, get_deal(request.user, code))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def saved_report(request: PersonRequest, code: UUID) -> HttpResponse:
    """One report: what it holds, changed or deleted."""
    found = get_of_deal(request.user, SavedReport, code)
    if request.method == "POST" and request.POST.get("do") == "delete":
        require(request.user, PREPARE)
        delete_report(by=request.user, report=found)
        return redirect("clo-saved-reports", found.deal.code)
    return _builder(request, found.deal, found)


def _builder(request: PersonRequest, deal: Deal, found: SavedReport | None = None) -> HttpResponse:
    problems: tuple[Problem, ...] = ()
    name = found.name if found else ""
    sections, columns = (found.sections, found.columns) if found else (list(SECTIONS), list(USUAL_COLUMNS))
    if request.method == "POST":
        require(request.user, PREPARE)
        name = request.POST.get("name", "")
        sections, columns = request.POST.getlist("section"), request.POST.getlist("column")
        try:
            save_report(by=request.user, deal=deal, name=name, sections=sections, columns=columns)
            messages.success(request, f"{name} is kept.")
            return redirect("clo-saved-reports", deal.code)
        except Invalid as error:
            problems = error.problems
    context = {
        "section": "clo",
        "deal": deal,
        "found": found,
        "name": name,
        "sections": [(code, words, code in sections) for code, words in SECTIONS.items()],
        "columns": [(code, column.label, code in columns) for code, (column, _) in ASSET_COLUMNS.items()],
        "reports": [
            (each, [SECTIONS[code] for code in each.sections if code in SECTIONS])
            for each in deal.saved_reports.select_related("made_by")
        ],
        "most_columns": MOST_PAPER_COLUMNS,
        "problems": problems,
        **rights(request),
    }
    return render(request, "portfolios/saved_reports.html", context, status=400 if problems else 200)


@signed_in_file
@require_safe
def saved_file(request: PersonRequest, code: UUID, form: str) -> HttpResponse:
    """A report by its name, of the latest tests, as a workbook or a paper."""
    found = get_of_deal(request.user, SavedReport, code)
    run = chosen_run(request, found.deal)
    if run is None:
        raise NotFound("The deal has no tests yet.")
    return sent_report(run, form, layout_of(found))


def layout_of(found: SavedReport) -> Layout:
    """What a saved report holds, as it is made from."""
    return Layout(found.name, tuple(found.sections), tuple(found.columns))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def trustee_files(request: PersonRequest, code: UUID) -> HttpResponse:
    """The trustee's files of a deal, and comparing one."""
    deal = get_deal(request.user, code)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        require(request.user, PREPARE)
        file, run = request.FILES.get("file"), chosen_run(request, deal)
        try:
            if file is None or run is None or (file.size or 0) > MOST_BYTES:
                raise Invalid([Problem("file", "file", "Choose a file; the deal needs tests to compare it with.")])
            return redirect(
                "clo-trustee",
                compare_trustee(by=request.user, run=run, file_name=file.name or "file", content=file.read()).code,
            )
        except Invalid as error:
            problems = error.problems
    context = {
        "section": "clo",
        "deal": deal,
        "reports": deal.trustee_reports.select_related("made_by", "run__snapshot")[:30],
        "problems": problems,
        "most_mb": MOST_BYTES // 1024**2,
        **rights(request),
    }
    return render(request, "portfolios/trustees.html", context, status=400 if problems else 200)


@signed_in
@require_safe
def trustee_file(request: PersonRequest, code: UUID) -> HttpResponse:
    """One comparison, line by line."""
    found = TrusteeReport.objects.select_related("deal", "run__snapshot", "made_by")
    report = found.filter(deal__in=visible_deals(request.user), code=code).first()
    if report is None:
        raise NotFound("There is no such comparison.")
    lines = [(line, VERDICTS[line["verdict"]]) for line in report.lines]
    counts = [
        (badge, verdict, sum(line["verdict"] == verdict for line, _ in lines)) for verdict, badge in VERDICTS.items()
    ]
    context = {"section": "clo", "deal": report.deal, "report": report, "lines": lines, "counts": counts}
    return render(request, "portfolios/trustee.html", context)
