"""The page on which a version of the rules is worked on, submitted and decided."""

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
from projects.asset_classes import asset_classes
from ratings.access import authors, can_decide, require_can_write
from ratings.editing import Typed, changed_content
from ratings.exchange import LARGEST_BYTES, Reading, read_json, refused
from ratings.models import RuleSet
from ratings.problems import rule_problems
from ratings.queries import previous_version, standings
from ratings.screen import Grid, Grids, change_lines, legend, named_parts
from ratings.services import (
    approve_rule_set,
    copy_rule_set,
    delete_draft,
    edit_rule_set,
    import_rule_set,
    reject_rule_set,
    submit_rule_set,
)
from ratings.services.saving import date_problems
from ratings.workbook import read_workbook

WORK, IMPORT = "admin/ratings/ruleset/work.html", "admin/ratings/ruleset/import.html"
NOTHING_SAVED = 400


def work_on_rules(request: PersonRequest, key: str) -> HttpResponse:
    """The page of a version, or where its buttons lead."""
    require_can_write(request.user)
    rule_set = _version(key)
    if request.method != "POST":
        return _page(request, rule_set)
    verb = VERBS.get(request.POST.get("do", ""))
    if verb is None:
        raise Invalid([Problem("unknown", "do", "Use one of the page's buttons.")])
    return verb(request, rule_set)


def import_rules(request: PersonRequest) -> HttpResponse:
    """The page that takes a version back in: the draft it became, or every problem at its cell."""
    require_can_write(request.user)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        try:
            draft = import_rule_set(by=request.user, reading=_uploaded(request))
            messages.success(request, f"{draft} is a draft with the file's rules.")
            return redirect(draft.admin_url())
        except Invalid as error:
            problems = error.problems
    context = {"section": "rules", "problems": problems}
    return render(request, IMPORT, context, status=NOTHING_SAVED if problems else 200)


def _uploaded(request: PersonRequest) -> Reading:
    file = request.FILES.get("file")
    if file is None or not file.size:
        raise Invalid([Problem("missing", "file", "Choose a file: a version exported as JSON or Excel.")])
    if file.size > LARGEST_BYTES:
        raise refused(f"expected at most {LARGEST_BYTES // 1024**2} MB.")
    raw = file.read()
    return read_json(raw) if raw.lstrip()[:1] == b"{" else read_workbook(raw)


def _version(key: str) -> RuleSet:
    people = ("created_by", "submitted_by", "decided_by", "based_on")
    found = RuleSet.objects.select_related(*people).filter(pk=key).first() if key.isdigit() else None
    if found is None:
        raise NotFound("There are no such rating rules.")
    return found


def _save(request: PersonRequest, rule_set: RuleSet) -> HttpResponse:
    return _saved_and(request, rule_set, lambda draft: f"{draft} is saved.")


def _submit(request: PersonRequest, rule_set: RuleSet) -> HttpResponse:
    def submit(draft: RuleSet) -> str:
        submit_rule_set(by=request.user, rule_set=draft)
        return f"{draft} waits for a second administrator."

    return _saved_and(request, rule_set, submit)


def _saved_and(request: PersonRequest, rule_set: RuleSet, then: Callable[[RuleSet], str]) -> HttpResponse:
    """Saves what was typed, then goes on; typed values stay on the page when that is refused."""
    grids = Grids(rule_set.content)
    typed = _typed_cells(request.POST, grids.part(_part(grids, request.POST)))
    draft = rule_set
    try:
        draft = edit_rule_set(
            by=request.user,
            rule_set=rule_set,
            revision=_revision(request.POST),
            cells=typed,
            **_typed_head(request.POST),
        )
        messages.success(request, then(draft))
    except Invalid as error:
        content = draft.content if draft is not rule_set else changed_content(rule_set.content, typed)
        return _page(request, draft, content=content, refused=error.problems)
    return redirect(f"{rule_set.admin_url()}?part={_part(grids, request.POST)}")


def _approve(request: PersonRequest, rule_set: RuleSet) -> HttpResponse:
    return _told(request, rule_set, lambda: approve_rule_set(by=request.user, rule_set=rule_set))


def _reject(request: PersonRequest, rule_set: RuleSet) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _told(request, rule_set, lambda: reject_rule_set(by=request.user, rule_set=rule_set, reason=reason))


def _told(request: PersonRequest, rule_set: RuleSet, verb: Callable[[], RuleSet]) -> HttpResponse:
    try:
        decided = verb()
    except Invalid as error:
        return _page(request, rule_set, refused=error.problems)
    messages.success(request, f"{decided} is {decided.get_status_display().lower()} now.")
    return redirect(rule_set.admin_url())


def _copy(request: PersonRequest, rule_set: RuleSet) -> HttpResponse:
    asset_class = request.POST.get("asset_class", "")
    try:
        draft = copy_rule_set(by=request.user, rule_set=rule_set, asset_class=asset_class)
    except Invalid as error:
        return _page(request, rule_set, refused=error.problems)
    messages.success(request, f"{draft} is a draft: change its limits, then submit it.")
    return redirect(draft.admin_url())


def _delete(request: PersonRequest, rule_set: RuleSet) -> HttpResponse:
    try:
        delete_draft(by=request.user, rule_set=rule_set)
    except Invalid as error:
        return _page(request, rule_set, refused=error.problems)
    messages.success(request, f"{rule_set} is deleted.")
    return redirect("admin:ratings_ruleset_changelist")


VERBS: dict[str, Callable[[PersonRequest, RuleSet], HttpResponse]] = {
    "save": _save,
    "submit": _submit,
    "approve": _approve,
    "reject": _reject,
    "copy": _copy,
    "delete": _delete,
}


def _page(
    request: PersonRequest,
    rule_set: RuleSet,
    *,
    content: Mapping[str, Any] | None = None,
    refused: tuple[Problem, ...] = (),
) -> HttpResponse:
    content = rule_set.content if content is None else content
    problems = () if rule_set.is_final else rule_problems(content)
    other = previous_version(rule_set)
    before = other.content if other else None
    grids = Grids(content, before, problems)
    part = _part(grids, request.POST or request.GET)
    counts = named_parts(content, problems)
    context = {
        "section": "rules",
        "rule_set": rule_set,
        "standing": standings([rule_set])[rule_set.pk],
        "other": other,
        "part": part,
        "parts": [(name, label, counts[name]) for name, label in grids.parts().items()],
        "grids": grids.part(part),
        "problems": _all_problems(rule_set, problems, refused),
        "lines": change_lines(before, content) if before is not None else [],
        "legend": legend(),
        "other_classes": [each for each in asset_classes().items() if each[0] != rule_set.asset_class],
        "authors": User.objects.filter(pk__in=authors(rule_set)),
        "may_decide": can_decide(request.user, rule_set),
    }
    return render(request, WORK, context, status=NOTHING_SAVED if refused else 200)


def _all_problems(rule_set: RuleSet, found: tuple[Problem, ...], refused: tuple[Problem, ...]) -> list[Problem]:
    dates = [] if rule_set.is_final else date_problems(rule_set)
    return list(dict.fromkeys([*refused, *dates, *found]))


def _part(grids: Grids, params: QueryDict) -> str:
    part = params.get("part", "")
    return part if part in grids.parts() else "general"


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
