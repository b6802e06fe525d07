"""The size of a class, solved: asked for by an address that can be shared, kept as the next version by a button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from engine.basics.fields import FieldSpec
from engine.errors import Problem
from lib.errors import Invalid
from lib.numbers import whole_or_none
from ratings.typed_fields import default_texts, fields_of, payload, posted
from securitisation.access import can_prepare, get_structure, require_prepare
from securitisation.models import StructureVersion
from securitisation.queries import latest_version
from securitisation.services.size_class import size_class, solve_size
from securitisation.solved import Solved, fields_for
from securitisation.translate import engine_deal

STEP = 4  # of the balances tried, every fourth is shown


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def structure_size(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form, and below it the largest balance at which all that is asked holds."""
    structure = get_structure(request.user, code)
    if request.method == "POST":
        require_prepare(request.user)
    version = latest_version(structure)
    asked = request.POST if request.method == "POST" else request.GET
    deal = engine_deal(version)
    specs = fields_for(deal.structure)
    if not asked.get("class_code"):
        return _page(request, version, specs, default_texts(specs))
    typed = posted(specs, asked, "")
    try:
        if request.method == "POST":
            made = size_class(
                by=request.user, structure=structure, terms=payload(specs, typed), based_on=_based_on(asked)
            )
            messages.success(request, f"Saved as version {made.number}: {made.note}")
            return redirect("structure", structure.code)
        return _page(request, version, specs, typed, solved=solve_size(deal, payload(specs, typed)))
    except Invalid as error:
        return _page(request, version, specs, typed, error.problems)


def _based_on(data: QueryDict) -> int:
    text = data.get("based_on", "")
    return whole_or_none(text, 6) or 0


def _page(
    request: PersonRequest,
    version: StructureVersion,
    specs: Sequence[FieldSpec],
    typed: Mapping[str, str],
    problems: Sequence[Problem] = (),
    solved: Solved | None = None,
) -> HttpResponse:
    known = {spec.path for spec in specs}
    context: dict[str, Any] = {
        "section": "notes",
        "structure": version.structure,
        "version": version,
        "currency": version.content["currency"],
        "fields": fields_of(specs, typed, "", problems),
        "problems": [problem for problem in problems if problem.place not in known],
        "typed": typed,
        "solved": solved,
        "may_prepare": can_prepare(request.user),
    }
    if solved is not None:
        names = {each["code"]: each["name"] for each in version.content["classes"]}
        context |= {
            "sized": names[solved.terms.class_code],
            "sizes": _sizes(solved, names),
            "rated": [names[code] for code in solved.before.ratings],
            "tried": [
                (each, [(names[code], rating) for code, rating in each.ratings.items()])
                for each in solved.tried[STEP - 1 :: STEP]
            ],
        }
    return render(request, "securitisation/size.html", context, status=422 if problems else 200)


def _sizes(solved: Solved, names: Mapping[str, str]) -> list[tuple[str, float, float, str, str]]:
    """Each class before and after: balances and ratings; none where nothing was found."""
    if solved.structure is None or solved.found is None:
        return []
    after, found = solved.structure.balances, solved.found
    return [
        (
            name,
            solved.classes_before[code],
            after[code],
            solved.before.ratings.get(code, ""),
            found.ratings.get(code, ""),
        )
        for code, name in names.items()
    ]
