"""The compliance report of one permutation, as a page to print and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.errors import Invalid
from accounts.requests import PersonRequest, signed_in
from atlasnexus.lib import figures
from engine.errors import InputProblems
from engine.permutations import AXES, PermutationDetail, evaluate_permutation
from engine.permutations.detail import Check
from permutations.access import get_run
from permutations.compliance import ComplianceReport, Move, ReportCheck, compliance_report
from permutations.models import Run
from permutations.results import result_row
from permutations.translate import engine_case
from permutations.views.detail import check_lines, flag_sentence, lever_text
from permutations.views.figures import code_words, unit_text
from ratings.screen import Mark, legend, mark

STATES = {"met": "Met", "not_met": "Not met", "missing": "Not shown yet"}
VERDICTS = {"eligible": "Eligible", "not_eligible": "Not eligible", "not_confirmed": "Not confirmed"}


@dataclass(frozen=True, slots=True)
class Line:
    """A check in words, with its mark."""

    label: str
    value: str
    limit: str
    headroom: str
    passed: bool
    is_binding: bool
    mark: Mark


@signed_in
@require_safe
def compliance(request: PersonRequest, code: UUID, index: int) -> HttpResponse:
    """Every check of a permutation, what binds, what would cure, under which rules."""
    run, report, detail = _report(request, code, index)
    context = {
        "section": "projects",
        "run": run,
        "project": run.project,
        "report": report,
        "sections": [(section, [_line(check) for check in section.checks]) for section in report.sections if section.checks],
        "binding": _line(report.binding) if report.binding else None,
        "levers": [(report.lever_labels[name], lever_text(AXES[name], value)) for name, value in report.levers.items()],
        "moves": [_move(move) for move in report.remediation.single_moves],
        "pair": " and ".join(_move(move) for move in report.remediation.pair),
        "cures": ", ".join(report.remediation.cures),
        "flags": [(code_words(event.flag), flag_sentence(event)) for event in detail.flags],
        "reason": code_words(report.verdict["reason"]) if report.verdict["reason"] else "",
        "stress": _stress(report),
        "repo": [(item, VERDICTS[item.verdict], [(c, STATES[c.state], mark(c.provenance, c.source)) for c in item.criteria],
                  unit_text(item.haircut_ratio, "ratio"), unit_text(item.lendable_amount, "amount")) for item in report.repo],
        "legend": legend(),
    }  # fmt: skip
    return render(request, "permutations/compliance.html", context)


@signed_in
@require_safe
def compliance_data(request: PersonRequest, code: UUID, index: int) -> HttpResponse:
    """The same report as a JSON file."""
    run, report, _ = _report(request, code, index)
    response = JsonResponse(report.as_dict(), json_dumps_params={"indent": 1, "allow_nan": False})
    response.headers["Content-Disposition"] = f'attachment; filename="compliance-{str(run.code)[:8]}-{index}.json"'
    return response


def _report(request: PersonRequest, code: UUID, index: int) -> tuple[Run, ComplianceReport, PermutationDetail]:
    run = get_run(request.user, code)
    row = result_row(run, index)
    try:
        detail = evaluate_permutation(engine_case(run), index)
    except InputProblems as error:
        raise Invalid(error.problems) from error
    return run, compliance_report(run, detail, row), detail


def _line(check: ReportCheck) -> Line:
    plain = Check(check.code, check.label, check.unit, check.value, check.limit, check.headroom_ratio, check.passed)
    (said,) = check_lines([plain])
    found = mark(check.provenance, check.source)
    return Line(said.label, said.value, said.limit, said.headroom, check.passed, check.is_binding, found)


def _move(move: Move) -> str:
    spec = AXES[move.lever]
    current = "closed" if move.current is None else lever_text(spec, move.current)
    return f"{move.label} from {current} to {lever_text(spec, move.proposed)}"


def _stress(report: ComplianceReport) -> list[tuple[str, str]]:
    stress = report.stress
    if not stress.scenario_count:
        return []
    ratings = ", ".join(f"{rating} in {count}" for rating, count in stress.rating_counts.items())
    return [
        ("Scenarios", figures.count(stress.scenario_count)),
        ("Lowest DSCR", f"{unit_text(stress.worst_dscr, 'times')} ({stress.worst_scenario})"),
        ("Floor", unit_text(stress.floor_dscr, "times")),
        ("Rating", ratings),
        ("Most notches lost", figures.count(stress.notches_lost)),
    ]
