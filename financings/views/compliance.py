"""The compliance report of one financing, as a page to print and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from engine.permutations import AXES
from engine.permutations.remedies import Remedy
from financings.access import get_financing
from financings.compliance import ComplianceReport, ReportCheck, ScenarioLine, SimulationResult, compliance_report
from financings.evaluation import Evaluation
from financings.typed import code_words
from financings.views.shown import check_lines, flag_sentence, notches_text
from financings.words import agreed_text, lever_text, unit_text
from lib import figures
from ratings.models import ScenarioSet
from ratings.scenario_access import visible_scenario_sets
from records.provenance import Mark, legend, mark

# Each scenario is a run of its own through every month: a report evaluates so many sets, and offers so many.
MOST_SETS, MOST_OFFERED = 10, 50
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
def compliance(request: PersonRequest, code: UUID) -> HttpResponse:
    """Every check of a financing, what binds, what would cure, under which rules."""
    chosen = _chosen_sets(request)
    evaluation, report = _report(request, code, chosen)
    financing = evaluation.financing
    context = {
        "section": "projects",
        "financing": financing,
        "project": financing.project,
        "report": report,
        "origin": evaluation.origins[0] if evaluation.origins else None,
        "sections": [(section, [_line(check) for check in section.checks]) for section in report.sections if section.checks],
        "binding": _line(report.binding) if report.binding else None,
        "levers": [(report.lever_labels[name], lever_text(AXES[name], value)) for name, value in report.levers.items()],
        "moves": [_move(move) for move in report.remediation.single_moves],
        "pair": " and ".join(_move(move) for move in report.remediation.pair),
        "cures": ", ".join(report.remediation.cures),
        "flags": [(code_words(event.flag), flag_sentence(event)) for event in evaluation.detail.flags],
        "reason": code_words(report.verdict["reason"]) if report.verdict["reason"] else "",
        "stress": _stress(report),
        "repo": [(item, VERDICTS[item.verdict], [(c, STATES[c.state], mark(c.provenance, c.source)) for c in item.criteria],
                  agreed_text(item.haircut_ratio, "share"), unit_text(item.lendable_amount, "amount")) for item in report.repo],
        "legend": legend(),
        "sets": [(each, each in chosen) for each in visible_scenario_sets(request.user)[:MOST_OFFERED]],
        "set_results": [(each, [_scenario(line) for line in each.scenarios]) for each in report.scenario_sets],
        "simulation": _simulation(report.simulation) if report.simulation else [],
        "missing": [line for line in report.evidence if line.state == "missing"],
        "found": [line for line in report.evidence if line.state != "missing"],
        "query": request.GET.urlencode(),
    }  # fmt: skip
    return render(request, "financings/compliance.html", context)


@signed_in
@require_safe
def compliance_data(request: PersonRequest, code: UUID) -> HttpResponse:
    """The same report as a JSON file."""
    evaluation, report = _report(request, code, _chosen_sets(request))
    found = evaluation.financing
    name = f"{slugify(found.project.title)[:60] or 'project'}-compliance-{found.content_hash[:8]}"
    response = JsonResponse(report.as_dict(), json_dumps_params={"indent": 1, "allow_nan": False})
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response


def _chosen_sets(request: PersonRequest) -> list[ScenarioSet]:
    """The sets asked for (`?set=`), else the person's own, of those they may see; `?set=none` is none."""
    asked = request.GET.getlist("set")
    found = visible_scenario_sets(request.user)
    if not asked:
        return list(found.filter(owner=request.user)[:MOST_SETS])
    return [each for each in found if str(each.code) in asked][:MOST_SETS]


def _report(request: PersonRequest, code: UUID, chosen: list[ScenarioSet]) -> tuple[Evaluation, ComplianceReport]:
    evaluation = Evaluation(get_financing(request.user, code))
    origin = evaluation.origins[0] if evaluation.origins else None
    return evaluation, compliance_report(evaluation, chosen, origin)


def _line(check: ReportCheck) -> Line:
    (said,) = check_lines([check])
    found = mark(check.provenance, check.source)
    return Line(said.label, said.value, said.limit, said.headroom, check.passed, check.is_binding, found)


def _move(move: Remedy) -> str:
    spec = AXES[move.lever]
    current = "closed" if move.current is None else lever_text(spec, move.current)
    return f"{move.label} from {current} to {lever_text(spec, move.proposed)}"


def _scenario(line: ScenarioLine) -> tuple[str, ...]:
    moved = notches_text(line.notches_moved)
    return (
        line.name, unit_text(line.dscr_minimum, "times"), unit_text(line.dscr_average, "times"),
        str(line.breach_month) if line.breach_month else figures.DASH, unit_text(line.equity_irr_rate, "rate"),
        line.rating, moved,
    )  # fmt: skip


def _simulation(found: SimulationResult) -> list[tuple[str, str]]:
    lines = [
        ("Paths", f"{figures.count(found.paths)}, seed {found.seed}"),
        ("Lowest DSCR, mean", unit_text(found.dscr_minimum, "times")),
        ("Below 1.00x in a year", unit_text(found.below_one_ratio, "share")),
        ("Locked up", unit_text(found.locked_up_ratio, "share")),
        ("Equity not repaid", unit_text(found.equity_lost_ratio, "share")),
    ]
    return lines + [
        (f"{each.tranche}: default, expected loss",
         f"{figures.percent(each.default_probability, 3)}, {figures.percent(each.expected_loss, 3)}")
        for each in found.tranches
    ]  # fmt: skip


def _stress(report: ComplianceReport) -> list[tuple[str, str]]:
    stress = report.stress
    if not stress.scenario_count:
        return []
    ratings = ", ".join(f"{rating} in {count}" for rating, count in stress.rating_counts.items())
    return [
        ("Scenarios", figures.count(stress.scenario_count)),
        ("Lowest DSCR", f"{unit_text(stress.worst_dscr, 'times')} ({stress.worst_scenario})"),
        ("Floor", agreed_text(stress.floor_dscr, "times")),
        ("Rating", ratings),
        ("Most notches lost", figures.count(stress.notches_lost)),
    ]
