"""Financings, of one project or of all, newest first: to open and to compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from engine.deal import price, result_row
from engine.errors import InputProblems
from engine.permutations import AXES, COLUMNS
from financings.access import can_type, visible_financings
from financings.models import Financing, FinancingComparison
from financings.queries import financing_lines, financings_of_project
from financings.translate import engine_deal
from financings.words import cell_in, lever_text
from projects.access import get_project
from tables.figures import Cell

PAGE_SIZE = 25
LEVERS = ("senior_tenor_years", "senior_amortisation", "senior_coupon_rate", "senior_dscr")
FIGURES = ("senior_amount", "mezz_amount", "day_one_value", "dscr_minimum", "rating_notch")


@dataclass(frozen=True, slots=True)
class Line:
    """One financing of the list: its levers in a line, its headline figures, or why there are none."""

    financing: Financing
    levers: str
    cells: tuple[Cell, ...]
    problem: str = ""


@signed_in
@require_safe
def financings_list(request: PersonRequest, code: UUID) -> HttpResponse:
    """The project's financings with their headline figures."""
    project = get_project(request.user, code)
    may_type = can_type(request.user) and not project.is_closed
    return _page(request, financings_of_project(project), {"project": project, "may_type": may_type})


@signed_in
@require_safe
def all_financings(request: PersonRequest) -> HttpResponse:
    """The financings of every project the person may see, to compare across them."""
    kept = FinancingComparison.objects.filter(owner=request.user)
    return _page(request, financing_lines(visible_financings(request.user)), {"project": None, "kept": kept})


def _page(request: PersonRequest, found: QuerySet[Financing], context: dict[str, Any]) -> HttpResponse:
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = {
        "section": "projects",
        "page": page,
        "lines": [_line(financing) for financing in page.object_list],
        "heads": [COLUMNS[name].label for name in FIGURES],
    }
    return render(request, "financings/list.html", context | shown)


def _line(financing: Financing) -> Line:
    levers = ", ".join(lever_text(AXES[code], financing.choice[code]) for code in LEVERS if code in financing.choice)
    try:
        row = result_row(price(engine_deal(financing)))
    except InputProblems as error:
        return Line(financing, levers, (), error.problems[0].message)
    return Line(financing, levers, tuple(cell_in(name, row) for name in FIGURES))
