"""A search over all rooms, and the words and keys of the product explained."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from lib.finding import SHORTEST, find
from portal.terms import SHORTCUTS, TERMS


@signed_in
@require_safe
def search(request: PersonRequest) -> HttpResponse:
    """What the person may see of what fits the words; as a fragment while they type."""
    words = request.GET.get("q", "").strip()[:100]
    context = {"section": "search", "words": words, "found": find(request.user, words), "shortest": SHORTEST}
    template = "portal/fragments/found.html" if request.htmx else "portal/search.html"
    return render(request, template, context)


@signed_in
@require_safe
def help_page(request: PersonRequest) -> HttpResponse:
    """The terms of the trade as this product uses them, and the keys that save time."""
    return render(request, "portal/help.html", {"section": "help", "terms": TERMS, "shortcuts": SHORTCUTS})
