"""Universes: made on a desk, their dated members, what data there is of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from engine.errors import Problem
from lib.errors import Invalid
from lib.grids import read_grid
from lib.verbs import refuse
from ratings.typed_fields import fields_of, payload, posted, texts
from strategies.access import Action, actions_of, get_desk, get_visible, require_on
from strategies.members import MEMBER_FIELDS, is_member_on
from strategies.models import Dataset, DatasetKind, Desk, Universe
from strategies.panel_imports import plain
from strategies.services.universes import make_universe, put_members
from strategies.views.shown import SECTION

SHOWN_MEMBERS, SHOWN_PROBLEMS = 300, 30
MOST_MEMBERS_BYTES = 5 * 1024**2


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def universes(request: PersonRequest, code: UUID) -> HttpResponse:
    """The universes of a desk, and making one."""
    desk = get_desk(request.user, code)
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            return redirect(
                "universe", make_universe(by=request.user, desk=desk, name=request.POST.get("name", "")).code
            )
        except Invalid as error:
            problems = error.problems
    known = in_force(Dataset.objects.filter(universe__desk=desk))
    rows = [
        (each, len({row["ident"] for row in each.members}), kinds_in_force(each, known))
        for each in desk.universes.all()
    ]
    context = {**_rights(request, desk), "rows": rows, "typed": request.POST, "problems": problems}
    return render(request, "strategies/universes.html", context, status=422 if problems else 200)


def in_force(datasets: QuerySet[Dataset]) -> dict[tuple[int, str], Dataset]:
    """The last dataset of each universe and kind, in one question to the database."""
    return {(each.universe_id, each.kind): each for each in datasets.select_related("universe").order_by("number")}


def kinds_in_force(
    universe: Universe, known: Mapping[tuple[int, str], Dataset] | None = None
) -> list[tuple[str, str, Dataset | None]]:
    """Each kind of data with what is in force of it."""
    held = in_force(Dataset.objects.filter(universe=universe)) if known is None else known
    return [(kind.value, str(kind.label), held.get((universe.pk, kind.value))) for kind in DatasetKind]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def universe(request: PersonRequest, code: UUID) -> HttpResponse:
    """One universe: who is in it on a day, its data, and putting members in."""
    found = get_visible(request.user, Universe, code)
    problems: tuple[Problem, ...] = ()
    typed = texts(MEMBER_FIELDS, {})
    if request.method == "POST":
        require_on(request.user, found.desk, Action.DATA)
        typed = posted(MEMBER_FIELDS, request.POST, "")
        try:
            rows = _file_rows(request) if request.POST.get("do") == "file" else [payload(MEMBER_FIELDS, typed)]
            put_members(by=request.user, universe=found, rows=rows)
            messages.success(request, f"{len(rows)} row{'' if len(rows) == 1 else 's'} put in.")
            return redirect("universe", found.code)
        except Invalid as error:
            problems = error.problems
    return render(request, "strategies/universe.html", _context(request, found, typed, problems),
                  status=422 if problems else 200)  # fmt: skip


def _context(
    request: PersonRequest, found: Universe, typed: Mapping[str, str], problems: tuple[Problem, ...]
) -> dict[str, Any]:
    day = _day(request.GET.get("on", ""))
    here = [row for row in found.members if is_member_on(row, day)]
    rows = found.members if request.GET.get("all") else here
    is_file = request.POST.get("do") == "file"
    return {
        **_rights(request, found.desk),
        "universe": found,
        "day": day,
        "shows_all": bool(request.GET.get("all")),
        "members": [(row, is_member_on(row, day)) for row in rows[:SHOWN_MEMBERS]],
        "row_count": len(rows),
        "shown_most": SHOWN_MEMBERS,
        "here_count": len(here),
        "ever_count": len({row["ident"] for row in found.members}),
        "kinds": kinds_in_force(found),
        "fields": fields_of(MEMBER_FIELDS, typed, "", () if is_file else [_placed(problem) for problem in problems]),
        "problems": problems[:SHOWN_PROBLEMS],
        "further_problems": max(0, len(problems) - SHOWN_PROBLEMS),
    }


def _placed(problem: Problem) -> Problem:
    """The problem of the form's one row at its field."""
    return Problem(problem.code, problem.place.partition(".")[2], problem.message)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return timezone.localdate()


def _file_rows(request: PersonRequest) -> list[dict[str, Any]]:
    """The rows of a file of members: its headers are the fields' names."""
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > MOST_MEMBERS_BYTES:
        raise refuse("file", "file", f"Choose a file of at most {MOST_MEMBERS_BYTES // 1024**2} MB.")
    grid = read_grid(file.read(), file.name or "members.csv")
    names = {spec.path: spec for spec in MEMBER_FIELDS}
    places = {plain(header): place for place, header in enumerate(grid.headers) if plain(header) in names}
    lacking = [spec.path for spec in MEMBER_FIELDS if spec.required and spec.path not in places]
    if lacking:
        raise refuse("headers", "file", f"The file has no column {', '.join(lacking)}.")
    return [{name: row[place].strip() for name, place in places.items() if row[place].strip()} for row in grid.rows]


def _rights(request: PersonRequest, desk: Desk) -> dict[str, Any]:
    return {"section": SECTION, "desk": desk, "may_take_data": Action.DATA in actions_of(request.user, desk)}
