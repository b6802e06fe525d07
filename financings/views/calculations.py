"""Single calculations: a list of them, and one with its form and answer; its address holds what was typed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from engine.errors import InputProblems
from financings.calculations import CALCULATIONS, Found, calculation_of
from financings.words import unit_text
from lib.errors import NotFound
from ratings.typed_fields import default_texts, fields_of, payload, posted


@signed_in
@require_safe
def calculations(request: PersonRequest) -> HttpResponse:
    """All of them."""
    return render(request, "financings/calculations.html", {"section": "calculations", "calculations": CALCULATIONS})


@signed_in
@require_safe
def calculation(request: PersonRequest, slug: str) -> HttpResponse:
    """One calculation; with values in the address, its answer or what is wrong with them."""
    found = calculation_of(slug)
    if found is None:
        raise NotFound("There is no such calculation.")
    context: dict[str, Any] = {"section": "calculations", "calculation": found, "problems": ()}
    typed = default_texts(found.fields)
    if request.GET:
        typed = posted(found.fields, request.GET, "")
        try:
            context |= _shown(found.run(payload(found.fields, typed)))
        except InputProblems as error:
            context["problems"] = error.problems
    problems = context["problems"]
    known = {spec.path for spec in found.fields}
    context["fields"] = fields_of(found.fields, typed, "", problems)
    context["problems"] = [problem for problem in problems if problem.place.split(".")[0] not in known]
    return render(request, "financings/calculation.html", context, status=422 if problems else 200)


def _shown(found: Found) -> dict[str, Any]:
    return {
        "figures": [(figure.label, unit_text(figure.value, figure.unit)) for figure in found.figures],
        "columns": [name for name, _ in found.columns],
        "rows": [
            [unit_text(value, unit) for value, (_, unit) in zip(row, found.columns, strict=True)] for row in found.rows
        ],
    }
