"""One financing in full."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from engine import ENGINE_VERSION
from engine.deal.tax import after_tax
from financings.access import can_type, get_financing
from financings.assumptions import assumptions_of
from financings.compliance import is_wrapped
from financings.evaluation import Evaluation
from financings.typed import code_words
from financings.views import shown
from financings.words import agreed_text, cell, unit_text
from projects.access import can_edit
from ratings.origins import Origins
from records.provenance import legend


@signed_in
@require_safe
def financing(request: PersonRequest, code: UUID) -> HttpResponse:
    """One financing in full; `?part=months` is the monthly table alone."""
    evaluation = Evaluation(get_financing(request.user, code))
    wants_months = request.GET.get("part") == "months"
    if wants_months and request.htmx:
        table = shown.period_table(evaluation.detail.periods, "Month")
        return render(request, "financings/fragments/period_table.html", {"table": table, "name": "months"})
    context = _context(evaluation)
    context["may_type"] = can_type(request.user) and can_edit(request.user, evaluation.financing.project)
    if wants_months:
        context["months"] = shown.period_table(evaluation.detail.periods, "Month")
    return render(request, "financings/financing.html", context)


def _context(evaluation: Evaluation) -> dict[str, Any]:
    found, detail = evaluation.financing, evaluation.detail
    row = {**(evaluation.origins[0].row if evaluation.origins else {}), **detail.row}
    return {
        "section": "projects",
        "financing": found,
        "project": found.project,
        "currency": found.currency,
        "detail": detail,
        "row": row,
        "origins": [(origin, origin.tier) for origin in evaluation.origins],
        "other_engine": found.engine_version if found.engine_version != ENGINE_VERSION else "",
        "gate": cell("gate", row.get("gate")).text,
        "reason": cell("reason", row.get("reason")).text if row.get("reason") else "",
        "rating": cell("rating_notch", row.get("rating_notch")).text,
        "figures": shown.headline_figures(row, found.currency, {each.key for each in detail.explanations}),
        "lever_groups": shown.lever_groups(detail),
        **_stacks(evaluation),
        **_checks(evaluation),
        **_collateral(evaluation, row),
        **_stress(evaluation),
        "after_tax": after_tax(evaluation.structure),
        "assumptions": assumptions_of(evaluation.deal),
        "flags": [(code_words(event.flag), shown.flag_sentence(event)) for event in detail.flags],
        "legend": legend(),
        "years": shown.period_table(detail.years, "Year"),
        "explanations": shown.explanation_nodes(detail.explanations),
        "charts": shown.detail_charts(
            evaluation.deal.terms.cash_trap(ard=evaluation.structure.senior.ard_trap), detail
        ),
    }


def _stacks(evaluation: Evaluation) -> dict[str, Any]:
    sources, sources_total = shown.stack_lines(evaluation.detail.sources)
    uses, uses_total = shown.stack_lines(evaluation.detail.uses)
    return {"sources": sources, "sources_total": sources_total, "uses": uses, "uses_total": uses_total}


def _checks(evaluation: Evaluation) -> dict[str, Any]:
    financing, detail = evaluation.financing, evaluation.detail
    origins = Origins(financing.rule_set.content, financing.snapshot.content["country"])
    wrapped = is_wrapped(detail)
    return {
        "gate_a_checks": shown.check_lines(detail.gate_a_checks, origin=origins.gate_a),
        "gate_a_passed": all(check.passed for check in detail.gate_a_checks),
        "ratings": [
            (
                item,
                shown.check_lines(
                    item.checks, detail.binding, partial(origins.criterion, item.rating, wrapped=wrapped)
                ),
                item.rating == detail.judged_rating,
            )
            for item in detail.ratings
        ],
        "binding": shown.check_lines([detail.binding])[0] if detail.binding else None,
        "remedies": [shown.remedy_sentence(remedy) for remedy in detail.remedies],
        "pair_remedy": shown.pair_sentence(detail.pair_remedy) if detail.pair_remedy else "",
        "cured": shown.cured_names(detail.remedies or (detail.pair_remedy.parts if detail.pair_remedy else ())),
        "agencies": shown.agency_rows(detail),
    }


def _collateral(evaluation: Evaluation, row: dict[str, Any]) -> dict[str, Any]:
    detail = evaluation.detail
    words, style = shown.repo_verdict(row)
    return {
        "repo_bank": detail.repo_checks[0].label.partition(": ")[0] if detail.repo_checks else "",
        "repo_checks": [
            (line.label.partition(": ")[2].capitalize(), line) for line in shown.check_lines(detail.repo_checks)
        ],
        "facilities": shown.facility_lines(evaluation.collateral),
        "repo_words": words,
        "repo_style": style,
        "repo_lendable": unit_text(detail.repo_lendable_amount, "amount") if detail.repo_lendable_amount else "",
        "repo_haircut": agreed_text(detail.repo_haircut_ratio, "share"),
    }


def _stress(evaluation: Evaluation) -> dict[str, Any]:
    detail = evaluation.detail
    heads, rows = shown.heat_map(detail)
    floor = cell("dscr_minimum", detail.stress_checks[0].limit).text if detail.stress_checks else ""
    return {
        "heat_heads": heads,
        "heat_rows": rows,
        "stress_floor": floor,
        "rating_stress": shown.rating_stress_lines(detail),
    }
