"""The links on the page of a pack, of whatever kind: shown, and made as they are typed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.requests import PersonRequest
from documents.forms import LinkForm
from documents.models import PackBase
from documents.services.make_link import make_link
from documents.sharing import address_of, kind_of, page_of
from lib.errors import Invalid


def link_made(request: PersonRequest, pack: PackBase, form: LinkForm) -> HttpResponse | None:
    """A link as it was typed, and the way to it; None where the form now says what is wrong."""
    kind_of(pack).require(request.user)
    if not form.is_valid():
        return None
    try:
        link = make_link(by=request.user, pack=pack, **form.cleaned_data)
    except Invalid as error:
        for problem in error.problems:
            form.add_error(problem.place if problem.place in form.fields else None, problem.message)
        return None
    messages.success(request, f"The link for {link.recipient} is ready to be copied.")
    return redirect(f"{page_of(pack)}#links")


def links_context(request: PersonRequest, pack: PackBase, make: str) -> dict[str, Any]:
    """The links of a pack with their addresses, and where another is asked for; for those who make them."""
    rows = kind_of(pack).links.objects.filter(pack=pack).select_related("made_by", "revoked_by")
    links = [(row, request.build_absolute_uri(address_of(row)) if row.is_valid else "") for row in rows]
    return {"links": links, "link_make_url": reverse(make, args=[pack.code])}
