"""Financings side by side, as a page and as a workbook; kept under a name, noted, starred, opened by link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import PersonRequest, signed_in, signed_in_file
from financings.access import financings_of_codes, get_comparison
from financings.comparison import FEWEST, compared, compared_workbook, paths_of, require_few
from financings.evaluation import Evaluation, evaluations
from financings.models import NAME_LENGTH, Financing, FinancingComparison
from financings.services.keep_comparison import drop_comparison, keep_comparison, note_comparison
from lib.errors import Invalid, NotFound

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@signed_in
@require_safe
def compare(request: PersonRequest) -> HttpResponse:
    """Two to six financings side by side, differences marked."""
    return _page(request, _chosen(request, request.GET.getlist("of")))


@require_safe
@signed_in_file
def compare_workbook(request: PersonRequest) -> HttpResponse:
    """The same, to take away."""
    content = compared_workbook(evaluations(_chosen(request, request.GET.getlist("of"))))
    return HttpResponse(
        content, content_type=XLSX, headers={"Content-Disposition": 'attachment; filename="comparison.xlsx"'}
    )


@signed_in
@require_POST
def kept_new(request: PersonRequest) -> HttpResponse:
    """The comparison under its own address; back to the financings where the name will not do."""
    found = _chosen(request, request.POST.getlist("of"))
    try:
        kept = keep_comparison(by=request.user, financings=found, name=request.POST.get("name", ""))
    except Invalid as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('compare')}?{_query(found)}")
    messages.success(
        request, f"Kept as {kept.name}. The page's address opens for everybody who may see these financings."
    )
    return redirect("comparison", kept.code)


@signed_in
@require_safe
def kept_page(request: PersonRequest, code: UUID) -> HttpResponse:
    """A comparison that was kept."""
    kept = get_comparison(request.user, code)
    return _page(request, financings_of_codes(request.user, kept.codes), kept)


@signed_in
@require_POST
def kept_note(request: PersonRequest, code: UUID) -> HttpResponse:
    """Back to the comparison, under its name and with its note."""
    kept = get_comparison(request.user, code)
    try:
        note_comparison(by=request.user, kept=kept, **noted(request.POST))
    except Invalid as error:
        messages.error(request, str(error))
    return redirect("comparison", kept.code)


@signed_in
@require_POST
def kept_drop(request: PersonRequest, code: UUID) -> HttpResponse:
    """Back to the financings, the comparison gone."""
    drop_comparison(by=request.user, kept=get_comparison(request.user, code))
    messages.success(request, "The comparison is gone; its financings stay.")
    return redirect("financings")


def noted(typed: QueryDict) -> dict[str, Any]:
    """What the form of a kept comparison says of it."""
    return {"name": typed.get("name", ""), "note": typed.get("note", ""), "is_starred": bool(typed.get("is_starred"))}


def _page(request: PersonRequest, chosen: list[Financing], kept: FinancingComparison | None = None) -> HttpResponse:
    found = evaluations(chosen)
    context = {
        "section": "projects",
        "columns": [(each, _tier(each), _others(found, each)) for each in found],
        "groups": compared(found),
        "charts": paths_of(found),
        "query": _query(chosen),
        "codes": [each.code for each in chosen],
        "kept": kept,
        "is_own": kept is not None and kept.owner == request.user,
        "name_length": NAME_LENGTH,
    }
    return render(request, "financings/compare.html", context)


def _chosen(request: PersonRequest, typed: list[str]) -> list[Financing]:
    """The financings asked for, in that order; NotFound for one the person may not know of."""
    codes = list(dict.fromkeys(_code(text) for text in typed))
    require_few(len(codes), "financings")
    return financings_of_codes(request.user, codes)


def _code(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise NotFound("There is no such financing.") from None


def _query(found: Sequence[Financing]) -> str:
    return urlencode([("of", str(each.code)) for each in found])


def _tier(evaluation: Evaluation) -> str:
    return evaluation.origins[0].tier if evaluation.origins else ""


def _others(found: Sequence[Evaluation], evaluation: Evaluation) -> str:
    """The address without one financing; empty where two are all there are."""
    rest = [each.financing for each in found if each is not evaluation]
    return _query(rest) if len(rest) >= FEWEST else ""
