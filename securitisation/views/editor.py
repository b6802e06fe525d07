"""The editor of a structure: rows moved by buttons, everything judged as a whole, saved as the next version."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid
from lib.numbers import whole_or_none
from securitisation import editor
from securitisation.access import get_structure, require_prepare, visible_pools
from securitisation.models import NOTE_LENGTH, LoanPool, NoteStructure, StructureVersion
from securitisation.queries import latest_version
from securitisation.services.write_structure import change_structure
from securitisation.translate import content_problems

SHOWN_POOLS = 50


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def structure_edit(request: PersonRequest, code: UUID) -> HttpResponse:
    """The form of the last version; what is sent is saved, or comes back with a row moved or with what is wrong."""
    found = get_structure(request.user, code)
    require_prepare(request.user)
    version = latest_version(found)
    if request.method != "POST":
        return _page(request, version, editor.typed_of(version.content, version.behaviour))
    typed = editor.posted(request.POST)
    if editor.act(typed, request.POST.get("do", "")):
        return _page(request, version, typed)
    problems = _saved(request, found, version, typed)
    if problems:
        return _page(request, version, typed, problems)
    messages.success(request, f"{latest_version(found)} is saved.")
    return redirect("structure", found.code)


def _saved(
    request: PersonRequest, found: NoteStructure, version: StructureVersion, typed: editor.Typed
) -> Sequence[Problem]:
    """Nothing once it is saved; else everything that is wrong: unreadable texts first, then what the engine says."""
    content = version.content
    reading = editor.read(typed, code=content["code"], name=content["name"], currency=content["currency"])
    if reading.problems:
        unread = {problem.place for problem in reading.problems}
        judged = content_problems(reading.content, reading.behaviour)
        return [*reading.problems, *(each for each in judged if editor.place_of(each.place) not in unread)]
    try:
        change_structure(
            by=request.user,
            structure=found,
            content=reading.content,
            behaviour=reading.behaviour,
            pool=_pool(request),
            note=request.POST.get("note", ""),
            based_on=_based_on(request),
        )
    except Invalid as error:
        return error.problems
    return ()


def _pool(request: PersonRequest) -> LoanPool | None:
    """The pool chosen in place of the version's own."""
    try:
        return visible_pools(request.user).filter(code=UUID(request.POST.get("pool", ""))).first()
    except ValueError:
        return None


def _based_on(request: PersonRequest) -> int:
    text = request.POST.get("based_on", "")
    return whole_or_none(text, 6) or 0


def _page(
    request: PersonRequest, version: StructureVersion, typed: editor.Typed, problems: Sequence[Problem] = ()
) -> HttpResponse:
    form = editor.shown(typed, problems)
    chosen = request.POST.get("pool", str(version.pool.code))
    context = {
        "section": "notes",
        "structure": version.structure,
        "version": version,
        "based_on": request.POST.get("based_on", version.number),
        "form": form,
        "problem_count": len(problems),
        "problems": form.rest,
        "pools": [(pool, str(pool.code) == chosen) for pool in _pools(request, version)],
        "note": request.POST.get("note", ""),
        "note_length": NOTE_LENGTH,
    }
    return render(request, "securitisation/editor.html", context, status=422 if problems else 200)


def _pools(request: PersonRequest, version: StructureVersion) -> list[LoanPool]:
    """The version's own pool, then the latest in its currency."""
    others = visible_pools(request.user).filter(currency=version.pool.currency).exclude(pk=version.pool_id)
    return [version.pool, *others[:SHOWN_POOLS]]
