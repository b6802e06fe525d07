"""A pack issued or withdrawn, each after a question that names what follows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from documents.access import get_pack, require_can_make
from documents.models import Pack
from documents.queries import pack_in_force
from documents.services.issue_pack import issue_pack
from documents.services.withdraw_pack import withdraw_pack
from documents.sharing import page_of
from documents.views.packs import issue_context
from lib.errors import Invalid


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def pack_issue(request: PersonRequest, code: UUID) -> HttpResponse:
    """The question before an issue, and the issue."""
    found = get_pack(request.user, code)
    require_can_make(request.user)
    if request.method == "POST":
        try:
            issued = issue_pack(by=request.user, pack=found)
        except Invalid as error:
            return _question(request, found, "documents/issue.html", error)
        messages.success(request, f"{issued.number}: the final documents are being made.")
        return redirect("pack", found.code)
    return _question(request, found, "documents/issue.html", **issue_context(found))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def pack_withdraw(request: PersonRequest, code: UUID) -> HttpResponse:
    """The question before a pack is withdrawn, and the withdrawal."""
    found = get_pack(request.user, code)
    require_can_make(request.user)
    if request.method == "POST":
        try:
            withdraw_pack(by=request.user, pack=found)
        except Invalid as error:
            return _question(request, found, "documents/withdraw.html", error)
        messages.success(request, "The pack was withdrawn.")
        return redirect("pack", found.code)
    return _question(request, found, "documents/withdraw.html")


def _question(
    request: PersonRequest, found: Pack, template: str, error: Invalid | None = None, **more: Any
) -> HttpResponse:
    context = {
        **more,
        "section": "packs",
        "pack": found,
        "project": found.financing.project,
        "previous": pack_in_force(found.financing.project),
        "documents": list(found.documents.order_by("position")),
        "problems": error.problems if error else (),
        "page_url": page_of(found),
    }
    return render(request, template, context, status=422 if error else 200)
