"""One permutation in full, and up to four side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from engine.errors import InputProblems, Problem
from engine.permutations import COLUMNS, PermutationDetail, evaluate_permutation
from lib.errors import Invalid
from permutations.access import get_run
from permutations.compliance import is_wrapped
from permutations.evidence import collateral_verdicts
from permutations.models import Run
from permutations.results import result_row, rows_of
from permutations.translate import engine_case
from permutations.views import detail as shown
from permutations.views.charts import run_currency
from permutations.views.figures import KINDS, Cell, cell, code_words, tier_words, unit_text
from ratings.origins import Origins
from records.provenance import legend

FEWEST, MOST = 2, 4
# The direction in which a figure is better; levers and codes have none.
HIGHER_IS_BETTER = frozenset({
    "day_one_value", "coverage_ratio", "dscr_minimum", "dscr_average", "llcr", "plcr", "icr", "worst_stressed_dscr",
    "stability_ratio", "sponsor_irr_rate", "sponsor_npv_amount", "sponsor_multiple", "score", "equity_proceeds_amount",
    "senior_amount", "binding_headroom_ratio",
})  # fmt: skip
LOWER_IS_BETTER = frozenset(
    {"rank", "wacc_rate", "rating_notch", "agency_ltv_ratio", "sponsor_payback_months", "notches_lost", "percentile"}
)
LEFT_OUT = frozenset({"index", "stress_key"})


@dataclass(frozen=True, slots=True)
class CompareRow:
    """One column of the results across the permutations compared."""

    label: str
    unit: str
    cells: tuple[tuple[Cell, bool], ...]
    differs: bool


@signed_in
@require_safe
def permutation_detail(request: PersonRequest, code: UUID, index: int) -> HttpResponse:
    """One permutation in full; `?part=months` is the monthly table alone."""
    run = get_run(request.user, code)
    row = result_row(run, index)
    detail = _evaluated(run, index)
    if request.GET.get("part") == "months" and request.htmx:
        table = shown.period_table(detail.periods, "Month")
        return render(request, "permutations/fragments/period_table.html", {"table": table, "name": "months"})
    context = _context(run, detail, {**detail.row, **row})
    if request.GET.get("part") == "months":
        context["months"] = shown.period_table(detail.periods, "Month")
    return render(request, "permutations/permutation.html", context)


@signed_in
@require_safe
def compare(request: PersonRequest, code: UUID) -> HttpResponse:
    """Two to four permutations of a run side by side, differences marked."""
    run = get_run(request.user, code)
    indices = _indices(request.GET)
    rows = rows_of(run, indices)
    missing = [index for index in indices if index not in rows]
    if missing:
        raise Invalid([Problem("not_evaluated", "index", f"This run did not evaluate permutation {missing[0]:,}.")])
    found = [rows[index] for index in indices]
    context = {
        "section": "projects",
        "run": run,
        "project": run.project,
        "columns": [(index, tier_words(row["tier"]), _others(indices, index)) for index, row in zip(indices, found, strict=True)],
        "groups": _groups(found, run_currency(run)),
        "charts": _paths(run, indices),
    }  # fmt: skip
    return render(request, "permutations/compare.html", context)


def _evaluated(run: Run, index: int) -> PermutationDetail:
    try:
        return evaluate_permutation(engine_case(run), index)
    except InputProblems as error:
        raise Invalid(error.problems) from error


def _context(run: Run, detail: PermutationDetail, row: dict[str, Any]) -> dict[str, Any]:
    currency = run_currency(run)
    sources, sources_total = shown.stack_lines(detail.sources)
    uses, uses_total = shown.stack_lines(detail.uses)
    heat_heads, heat_rows = shown.heat_map(detail)
    repo_words, repo_style = shown.repo_verdict(row)
    origins = Origins(run.rule_set.content, run.snapshot.content["country"])
    return {
        "section": "projects",
        "run": run,
        "project": run.project,
        "currency": currency,
        "detail": detail,
        "row": row,
        "tier": tier_words(row.get("tier") or 0),
        "gate": cell("gate", row.get("gate")).text,
        "reason": cell("reason", row.get("reason")).text if row.get("reason") else "",
        "rating": cell("rating_notch", row.get("rating_notch")).text,
        "figures": shown.headline_figures(row, currency),
        "lever_groups": shown.lever_groups(run, detail),
        "sources": sources,
        "sources_total": sources_total,
        "uses": uses,
        "uses_total": uses_total,
        "gate_a_checks": shown.check_lines(detail.gate_a_checks, origin=origins.gate_a),
        "gate_a_passed": all(check.passed for check in detail.gate_a_checks),
        "ratings": [
            (
                item,
                shown.check_lines(
                    item.checks, detail.binding, partial(origins.criterion, item.rating, wrapped=is_wrapped(detail))
                ),
                item.rating == detail.judged_rating,
            )
            for item in detail.ratings
        ],
        "binding": shown.check_lines([detail.binding])[0] if detail.binding else None,
        "remedies": [shown.remedy_sentence(remedy) for remedy in detail.remedies],
        "pair_remedy": shown.pair_sentence(detail.pair_remedy) if detail.pair_remedy else "",
        "cured": shown.cured_names(detail.remedies or (detail.pair_remedy.parts if detail.pair_remedy else ())),
        "repo_bank": detail.repo_checks[0].label.partition(": ")[0] if detail.repo_checks else "",
        "repo_checks": [
            (line.label.partition(": ")[2].capitalize(), line) for line in shown.check_lines(detail.repo_checks)
        ],
        "facilities": shown.facility_lines(collateral_verdicts(run, detail.index)),
        "repo_words": repo_words,
        "repo_style": repo_style,
        "repo_lendable": unit_text(detail.repo_lendable_amount, "amount") if detail.repo_lendable_amount else "",
        "repo_haircut": unit_text(detail.repo_haircut_ratio, "share"),
        "agencies": shown.agency_rows(detail),
        "heat_heads": heat_heads,
        "heat_rows": heat_rows,
        "stress_floor": cell("dscr_minimum", detail.stress_checks[0].limit).text if detail.stress_checks else "",
        "flags": [(code_words(event.flag), shown.flag_sentence(event)) for event in detail.flags],
        "legend": legend(),
        "years": shown.period_table(detail.years, "Year"),
        "explanations": shown.explanation_nodes(detail.explanations),
        "charts": shown.detail_charts(run, detail),
    }


def _indices(params: QueryDict) -> list[int]:
    typed = list(dict.fromkeys(params.getlist("index")))
    sound = [int(text) for text in typed if text.isascii() and text.isdigit() and len(text) < 19]
    if len(sound) != len(typed) or not FEWEST <= len(sound) <= MOST:
        message = f"Compare: tick {FEWEST} to {MOST} permutations in a table of results, got {len(typed)}."
        raise Invalid([Problem("bad_choice", "index", message)])
    return sound


def _others(indices: list[int], index: int) -> str:
    """The address without one permutation; empty where two are all there are."""
    rest = [other for other in indices if other != index]
    return "&".join(f"index={other}" for other in rest) if len(rest) >= FEWEST else ""


def _groups(rows: list[dict[str, Any]], currency: str) -> list[tuple[str, list[CompareRow]]]:
    groups: dict[str, list[CompareRow]] = {label: [] for label in KINDS.values()}
    for name, spec in COLUMNS.items():
        if name in LEFT_OUT or all(row.get(name) is None for row in rows):
            continue
        unit = currency if spec.unit == "amount" else spec.unit if spec.unit in ("years", "months") else ""
        groups[KINDS[spec.kind]].append(_compare_row(name, spec.label, unit, [row.get(name) for row in rows]))
    return [(label, lines) for label, lines in groups.items() if lines]


def _compare_row(name: str, label: str, unit: str, values: list[Any]) -> CompareRow:
    cells = [cell(name, value) for value in values]
    differs = len({one.text for one in cells}) > 1
    known = [value for value in values if value is not None]
    best = None
    if differs and name in HIGHER_IS_BETTER | LOWER_IS_BETTER:
        best = max(known) if name in HIGHER_IS_BETTER else min(known)
    marked = tuple((one, best is not None and value == best) for one, value in zip(cells, values, strict=True))
    return CompareRow(label, unit, marked, differs)


def _paths(run: Run, indices: list[int]) -> dict[str, Any]:
    """The DSCR and equity of each permutation by year."""
    details = [_evaluated(run, index) for index in indices]
    longest = max((len(detail.years.get("dscr", ())) for detail in details), default=0)
    return {
        "years": list(range(1, longest + 1)),
        "dscr": [{"label": f"{detail.index:,}", "values": list(detail.dscr_path)} for detail in details],
        "equity": [
            {"label": f"{detail.index:,}", "values": [round(float(v), 2) for v in detail.years["equity_distribution"]]}
            for detail in details
            if detail.years
        ],
    }
