"""A further series of notes: asked for, tested class by class, issued as the next version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid
from ratings.typed_fields import fields_of, payload, posted, texts
from securitisation.access import get_structure, require_prepare, visible_pools
from securitisation.models import LoanPool, StructureVersion
from securitisation.queries import latest_version
from securitisation.services.tap_structure import tap_structure, try_tap
from securitisation.tap_terms import FIELDS, TapTest

SHOWN_POOLS = 50


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def structure_tap(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of a series; what is sent is tested, and issued where that is asked for and no class is worse for it."""
    found = get_structure(request.user, code)
    require_prepare(request.user)
    version = latest_version(found)
    if request.method != "POST":
        first = version.content["classes"][0]
        begun = {
            "beside": first["code"],
            "code": f"{first['code']}-2",
            "coupon_rate": first["coupon_rate"],
            "payments": 0,
        }
        return _page(request, version, texts(FIELDS, begun))
    typed = posted(FIELDS, request.POST, "")
    asked: dict[str, Any] = {
        "by": request.user,
        "structure": found,
        "terms": payload(FIELDS, typed),
        "further": _further(request),
    }
    try:
        tested = try_tap(**asked)
        if request.POST.get("do") != "issue" or tested.problems:
            return _page(request, version, typed, tested.problems, tested)
        tap_structure(**asked, based_on=version.number)
    except Invalid as error:
        return _page(request, version, typed, error.problems)
    messages.success(request, f"{latest_version(found)} is saved, with the series.")
    return redirect("structure", found.code)


def _further(request: PersonRequest) -> LoanPool | None:
    """The pool of further loans, if one is chosen."""
    try:
        return visible_pools(request.user).filter(code=UUID(request.POST.get("further", ""))).first()
    except ValueError:
        return None


def _page(
    request: PersonRequest,
    version: StructureVersion,
    typed: Mapping[str, str],
    problems: Sequence[Problem] = (),
    tested: TapTest | None = None,
) -> HttpResponse:
    known = {spec.path for spec in FIELDS}
    pools = visible_pools(request.user).filter(currency=version.pool.currency).exclude(pk=version.pool_id)[:SHOWN_POOLS]
    at_fields = problems if tested is None else ()
    context = {
        "section": "notes",
        "structure": version.structure,
        "version": version,
        "fields": fields_of(FIELDS, typed, "", at_fields),
        "problems": [each for each in problems if tested is not None or each.place not in known],
        "pools": [(pool, str(pool.code) == request.POST.get("further", "")) for pool in pools],
        "tested": tested,
    }
    return render(request, "securitisation/tap.html", context, status=422 if problems else 200)
