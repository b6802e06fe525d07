"""A pool: its loans, where they come from, the structures they back."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from financings.access import visible_financings
from securitisation.access import can_prepare, get_pool
from securitisation.models import NoteStructure
from securitisation.shown import pool_figures

PAGE_SIZE = 100


@signed_in
@require_safe
def pool(request: PersonRequest, code: UUID) -> HttpResponse:
    """The loans of a pool, a page at a time."""
    found = get_pool(request.user, code)
    page = Paginator(found.content["loans"], PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "section": "notes",
        "pool": found,
        "figures": pool_figures(found),
        "page": page,
        "loans": [(loan, loan["amortisation"].replace("_", " ").capitalize()) for loan in page],
        "financings": visible_financings(request.user).filter(loan_pools=found),
        "backs": NoteStructure.objects.filter(versions__pool=found).distinct(),
        "may_prepare": can_prepare(request.user),
    }
    return render(request, "securitisation/pool.html", context)
