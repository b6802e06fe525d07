"""From a run to its financings: one permutation opened, several opened side by side."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from financings.comparison import FEWEST, MOST
from lib.errors import Invalid, NotFound
from permutations.access import get_run
from permutations.services.open_permutation import open_permutation

# What lay under the address of a permutation lies under that of its financing.
PARTS = frozenset({"stress/", "simulate/", "compliance/", "compliance.json", "evidence/", "model.xlsx", "pack/"})


@signed_in
@require_safe
def permutation(request: PersonRequest, code: UUID, index: int, part: str = "") -> HttpResponse:
    """Leads to the permutation's financing, or to a page under it, with what the address asks."""
    if part and part not in PARTS:
        raise NotFound("There is no such page of a permutation.")
    opened = open_permutation(by=request.user, run=get_run(request.user, code), index=index)
    asked = request.GET.urlencode()
    return redirect(f"{reverse('financing', args=[opened.code])}{part}{'?' if asked else ''}{asked}")


@signed_in
@require_safe
def run_compare(request: PersonRequest, code: UUID) -> HttpResponse:
    """Leads to the comparison of the permutations ticked."""
    run = get_run(request.user, code)
    opened = [open_permutation(by=request.user, run=run, index=index) for index in _indices(request.GET)]
    return redirect(f"{reverse('compare')}?{urlencode([('of', each.code) for each in opened])}")


def _indices(params: QueryDict) -> list[int]:
    typed = list(dict.fromkeys(params.getlist("index")))
    sound = [int(text) for text in typed if text.isascii() and text.isdigit() and len(text) < 19]
    if len(sound) != len(typed) or not FEWEST <= len(sound) <= MOST:
        message = f"Compare: tick {FEWEST} to {MOST} permutations in a table of results, got {len(typed)}."
        raise Invalid([Problem("bad_choice", "index", message)])
    return sound
