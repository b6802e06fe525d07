"""Financings side by side, as a page and as a workbook; kept under a name, noted, starred, opened by link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import PersonRequest, signed_in_file
from financings.access import financings_of_codes, get_comparison
from financings.comparison import FEWEST, compared, compared_workbook, paths_of
from financings.evaluation import Evaluation, evaluations
from financings.models import Financing, FinancingComparison
from financings.services.keep_comparison import keep_comparison
from financings.views.comparison_pages import ComparisonPages, query_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@signed_in_file
def compare_workbook(request: PersonRequest) -> HttpResponse:
    """Two to six financings side by side, to take away."""
    content = compared_workbook(evaluations(COMPARISONS.chosen(request.user, request.GET.getlist("of"))))
    return HttpResponse(
        content, content_type=XLSX, headers={"Content-Disposition": 'attachment; filename="comparison.xlsx"'}
    )


def _context(chosen: list[Financing]) -> dict[str, Any]:
    """Two to six financings side by side, differences marked."""
    found = evaluations(chosen)
    return {
        "columns": [(each, _tier(each), _others(found, each)) for each in found],
        "groups": compared(found),
        "charts": paths_of(found),
        "query": query_of(chosen),
    }


def _tier(evaluation: Evaluation) -> str:
    return evaluation.origins[0].tier if evaluation.origins else ""


def _others(found: Sequence[Evaluation], evaluation: Evaluation) -> str:
    """The address without one financing; empty where two are all there are."""
    rest = [each.financing for each in found if each is not evaluation]
    return query_of(rest) if len(rest) >= FEWEST else ""


def _keep(user: User, found: Sequence[Financing], name: str) -> FinancingComparison:
    return keep_comparison(by=user, financings=found, name=name)


COMPARISONS = ComparisonPages[Financing, FinancingComparison](
    section="projects",
    words="financings",
    template="financings/compare.html",
    compare="compare",
    kept="comparison",
    back="financings",
    of_codes=financings_of_codes,
    get_kept=get_comparison,
    keep=_keep,
    context=_context,
)
