"""The page on which a version is worked on, submitted and decided, and the one that takes a version back in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from accounts.models import User
from accounts.requests import PersonRequest
from engine.errors import Problem
from lib.errors import Invalid, NotFound
from lib.verbs import refuse
from records.access import authors, can_decide, require_can_write
from records.editing import Typed, changed_content
from records.exchange import LARGEST_BYTES, Reading, read_json, refused
from records.models import Version
from records.problems import content_problems
from records.provenance import legend
from records.queries import previous_version, standings
from records.screen import Grid, Grids, change_lines, faults_by_part
from records.services import (
    approve_version,
    copy_version,
    delete_draft,
    edit_version,
    import_version,
    reject_version,
    submit_version,
)
from records.services._shared import date_problems
from records.workbook import read_workbook

WORK, IMPORT = "admin/records/work.html", "admin/records/import.html"
NOTHING_SAVED = 400


def work_on_version(request: PersonRequest, model: type[Version], key: str) -> HttpResponse:
    """The page of a version, or where its buttons lead."""
    require_can_write(request.user, model.kind)
    version = _version(model, key)
    if request.method != "POST":
        return _page(request, version)
    verb = VERBS.get(request.POST.get("do", ""))
    if verb is None:
        raise refuse("unknown", "do", "Use one of the page's buttons.")
    return verb(request, version)


def import_version_page(request: PersonRequest, model: type[Version]) -> HttpResponse:
    """The page that takes a version back in: the draft it became, or every problem at its cell."""
    require_can_write(request.user, model.kind)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        try:
            draft = import_version(by=request.user, model=model, reading=_uploaded(request, model))
            messages.success(request, f"{draft} is a draft with the file's content.")
            return redirect(draft.admin_url())
        except Invalid as error:
            problems = error.problems
    context = {"section": "rules", "kind": model.kind, "listing": model.admin_page("changelist"), "problems": problems}
    return render(request, IMPORT, context, status=NOTHING_SAVED if problems else 200)


def _uploaded(request: PersonRequest, model: type[Version]) -> Reading:
    file = request.FILES.get("file")
    if file is None or not file.size:
        raise refuse("missing", "file", "Choose a file: a version exported as JSON or Excel.")
    if file.size > LARGEST_BYTES:
        raise refused(f"expected at most {LARGEST_BYTES // 1024**2} MB.")
    raw = file.read()
    return read_json(raw) if raw.lstrip()[:1] == b"{" else read_workbook(model.kind, raw)


def _version(model: type[Version], key: str) -> Version:
    people = ("created_by", "submitted_by", "decided_by", "based_on")
    found = model._default_manager.select_related(*people).filter(pk=key).first() if key.isdigit() else None
    if found is None:
        raise NotFound(f"There is no such {model.kind.noun}.")
    return found


def _save(request: PersonRequest, version: Version) -> HttpResponse:
    return _saved_and(request, version, lambda draft: f"{draft} is saved.")


def _submit(request: PersonRequest, version: Version) -> HttpResponse:
    def submit(draft: Version) -> str:
        submit_version(by=request.user, version=draft)
        return f"{draft} waits for a second administrator."

    return _saved_and(request, version, submit)


def _saved_and(request: PersonRequest, version: Version, then: Callable[[Version], str]) -> HttpResponse:
    """Saves what was typed, then goes on; typed values stay on the page when that is refused."""
    grids = Grids(version.kind, version.content)
    typed = _typed_cells(request.POST, grids.part(_part(grids, request.POST)))
    draft = version
    try:
        draft = edit_version(
            by=request.user,
            version=version,
            revision=_revision(request.POST),
            cells=typed,
            **_typed_head(request.POST),
        )
        messages.success(request, then(draft))
    except Invalid as error:
        content = draft.content if draft is not version else changed_content(version.kind, version.content, typed)
        return _page(request, draft, content=content, refused=error.problems)
    return redirect(f"{version.admin_url()}?part={_part(grids, request.POST)}")


def _approve(request: PersonRequest, version: Version) -> HttpResponse:
    return _told(request, version, lambda: approve_version(by=request.user, version=version))


def _reject(request: PersonRequest, version: Version) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _told(request, version, lambda: reject_version(by=request.user, version=version, reason=reason))


def _told(request: PersonRequest, version: Version, verb: Callable[[], Version]) -> HttpResponse:
    try:
        decided = verb()
    except Invalid as error:
        return _page(request, version, refused=error.problems)
    messages.success(request, f"{decided} is {decided.get_status_display().lower()} now.")
    return redirect(version.admin_url())


def _copy(request: PersonRequest, version: Version) -> HttpResponse:
    try:
        draft = copy_version(by=request.user, version=version, scope=request.POST.get("scope", ""))
    except Invalid as error:
        return _page(request, version, refused=error.problems)
    messages.success(request, f"{draft} is a draft: change it, then submit it.")
    return redirect(draft.admin_url())


def _delete(request: PersonRequest, version: Version) -> HttpResponse:
    try:
        delete_draft(by=request.user, version=version)
    except Invalid as error:
        return _page(request, version, refused=error.problems)
    messages.success(request, f"{version} is deleted.")
    return redirect(version.admin_page("changelist"))


VERBS: dict[str, Callable[[PersonRequest, Version], HttpResponse]] = {
    "save": _save,
    "submit": _submit,
    "approve": _approve,
    "reject": _reject,
    "copy": _copy,
    "delete": _delete,
}


def _page(
    request: PersonRequest,
    version: Version,
    *,
    content: Mapping[str, Any] | None = None,
    refused: tuple[Problem, ...] = (),
) -> HttpResponse:
    content = version.content if content is None else content
    problems = () if version.is_final else content_problems(version.kind, content)
    other = previous_version(version)
    before = other.content if other else None
    grids = Grids(version.kind, content, before, problems)
    part = _part(grids, request.POST or request.GET)
    counts = faults_by_part(version.kind, content, problems)
    context = {
        "section": "rules",
        "kind": version.kind,
        "version": version,
        "standing": standings([version])[version.pk],
        "other": other,
        "part": part,
        "parts": [(name, label, counts[name]) for name, label in grids.parts().items()],
        "grids": grids.part(part),
        "problems": _all_problems(version, problems, refused),
        "lines": change_lines(version.kind, before, content) if before is not None else [],
        "legend": legend(),
        "scopes": version.scopes().items(),
        "listing": version.admin_page("changelist"),
        "authors": User.objects.filter(pk__in=authors(version)),
        "may_decide": can_decide(request.user, version),
    }
    return render(request, WORK, context, status=NOTHING_SAVED if refused else 200)


def _all_problems(version: Version, found: tuple[Problem, ...], refused: tuple[Problem, ...]) -> list[Problem]:
    dates = [] if version.is_final else date_problems(version)
    return list(dict.fromkeys([*refused, *dates, *found]))


def _part(grids: Grids, params: QueryDict) -> str:
    parts = grids.parts()
    part = params.get("part", "")
    return part if part in parts else next(iter(parts), "")


def _typed_cells(params: QueryDict, grids: list[Grid]) -> dict[str, Typed]:
    """What was typed into the cells of the grids; cells the form did not have are absent."""
    found = {}
    for grid in grids:
        for place, said_at in (
            (c.place, c.row_place if grid.by_row else c.place) for row in grid.rows for c in row.cells if c
        ):
            if f"{place}|value" in params:
                values = params.getlist(f"{place}|value")
                said = params.get(f"{said_at}|provenance", ""), params.get(f"{said_at}|source", "")
                # A choice of several sends an empty one ahead, so that none at all is heard too.
                found[place] = Typed(values[0] if len(values) == 1 else [v for v in values if v], *said)
    return found


def _typed_head(params: QueryDict) -> dict[str, Any]:
    typed: dict[str, Any] = {name: params[name] for name in ("name", "notes") if name in params}
    if "effective_from" in params:
        typed["effective_from"] = _day(params.get("effective_from", ""))
    return typed


def _revision(params: QueryDict) -> int:
    text = params.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f"Effective from: expected a date as YYYY-MM-DD, got {text!r}."
        raise Invalid([Problem("not_a_date", "effective_from", message)]) from None
