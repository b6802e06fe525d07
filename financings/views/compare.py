"""Financings side by side, as a page and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in, signed_in_file
from financings.access import visible_financings
from financings.comparison import FEWEST, MOST, compared, compared_workbook, paths_of
from financings.evaluation import Evaluation, evaluations
from financings.models import Financing
from lib.errors import NotFound
from lib.verbs import refuse

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@signed_in
@require_safe
def compare(request: PersonRequest) -> HttpResponse:
    """Two to six financings side by side, differences marked."""
    found = evaluations(_chosen(request))
    context = {
        "section": "projects",
        "columns": [(each, _tier(each), _others(found, each)) for each in found],
        "groups": compared(found),
        "charts": paths_of(found),
        "query": request.GET.urlencode(),
    }
    return render(request, "financings/compare.html", context)


@require_safe
@signed_in_file
def compare_workbook(request: PersonRequest) -> HttpResponse:
    """The same, to take away."""
    content = compared_workbook(evaluations(_chosen(request)))
    return HttpResponse(
        content, content_type=XLSX, headers={"Content-Disposition": 'attachment; filename="comparison.xlsx"'}
    )


def _chosen(request: PersonRequest) -> list[Financing]:
    """The financings asked for, in that order; NotFound for one the person may not know of."""
    codes = list(dict.fromkeys(_code(text) for text in request.GET.getlist("of")))
    if not FEWEST <= len(codes) <= MOST:
        raise refuse("bad_choice", "of", f"Compare: tick {FEWEST} to {MOST} financings in a list, got {len(codes)}.")
    known = {financing.code: financing for financing in visible_financings(request.user).filter(code__in=codes)}
    if len(known) < len(codes):
        raise NotFound("There is no such financing.")
    return [known[code] for code in codes]


def _code(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such financing.") from None


def _tier(evaluation: Evaluation) -> str:
    return evaluation.origins[0].tier if evaluation.origins else ""


def _others(found: Sequence[Evaluation], evaluation: Evaluation) -> str:
    """The address without one financing; empty where two are all there are."""
    rest = [("of", str(each.financing.code)) for each in found if each is not evaluation]
    return urlencode(rest) if len(rest) >= FEWEST else ""
