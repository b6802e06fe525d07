"""The impact of a change request on the best structures of the latest run: asked for, awaited, shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest, signed_in
from engine.permutations import COLUMNS, Unit
from financings.typed import code_words
from financings.words import cell
from jobs.models import JobState
from permutations.models import Impact
from permutations.queries import impact_to_show, latest_finished_run
from permutations.services.request_impact import request_impact
from projects.access import get_submission
from projects.models import Submission
from tables.figures import Cell

ROW_COLUMNS = ("day_one_value", "dscr_minimum", "rating_notch")
HIGHER_IS_WORSE = frozenset({"wacc_rate"})


@dataclass(frozen=True, slots=True)
class Change:
    """One figure before and after, and whether it moved for the better."""

    label: str
    unit: str
    before: str
    after: str
    change: str
    mood: str


@dataclass(frozen=True, slots=True)
class Move:
    """How many went from one rating to another; `after` is empty where they no longer pass."""

    before: str
    after: str
    count: int
    mood: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One structure before and after."""

    index: int
    rank_before: int | None
    rank_after: int | None
    tier_before: str
    tier_after: str
    cells: tuple[tuple[Cell, Cell], ...]
    reason: str


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def submission_impact(request: PersonRequest, code: UUID) -> HttpResponse:
    """The impact as it stands; a POST asks for it where it is not known."""
    submission = get_submission(request.user, code)
    if request.method == "POST":
        request_impact(by=request.user, submission=submission)
        if not request.htmx:
            return redirect("submission-impact", submission.code)
    template = "permutations/fragments/impact.html" if request.htmx else "permutations/impact.html"
    return render(request, template, impact_context(submission))


def impact_context(submission: Submission) -> dict[str, Any]:
    """What the fragment and the page of an impact show."""
    impact = impact_to_show(submission)
    run = impact.run if impact else latest_finished_run(submission.project)
    currency = str(submission.snapshot.content.get("currency", ""))
    known = impact if impact and impact.state == JobState.DONE else None
    return {
        "section": "projects",
        "submission": submission,
        "project": submission.project,
        "impact": impact,
        "run": run,
        "currency": currency,
        **(_shown(known, currency) if known else {}),
    }


def _shown(impact: Impact, currency: str) -> dict[str, Any]:
    summary = impact.summary
    return {
        "summary": summary,
        "lost": sum(summary["reasons"].values()),
        "reasons": [(code_words(code), number) for code, number in summary["reasons"].items()],
        "moves": [_move(*move) for move in summary["ratings"]],
        "best": _best(summary, currency),
        "medians": list(_medians(summary, currency)),
        "heads": [COLUMNS[name].label for name in ROW_COLUMNS],
        "pairs": [_pair(row) for row in summary["top"]],
    }


def _best(summary: dict[str, Any], currency: str) -> Change | None:
    """The best figure of the run's objective before and after; None where nothing passed on either side."""
    name, best = summary["objective"], summary["best"]
    before, after = ((best[side] or {}).get("figures", {}).get(name) for side in ("before", "after"))
    moved = None if before is None or after is None else after - before
    return None if before is None and after is None else _change(name, currency, before, after, moved)


def _medians(summary: dict[str, Any], currency: str) -> Iterator[Change]:
    for row in summary["medians"]:
        if row["count"]:
            yield _change(row["name"], currency, row["before"], row["after"], row["change"])


def _change(name: str, currency: str, before: Any, after: Any, moved: float | None) -> Change:
    spec = COLUMNS[name]
    unit = currency if spec.unit == Unit.AMOUNT else ""
    text = cell(name, moved).text
    # What rounds to nothing on the screen is no move: the last bits of two evaluations may differ.
    if moved is not None and not any(digit in text for digit in "123456789"):
        return Change(spec.label, unit, cell(name, before).text, cell(name, after).text, "none", "")
    signed = f"+{text}" if moved and moved > 0 else text
    # A difference of two percentages is one in points: of 45% and 20%, 25 points.
    signed = f"{signed.removesuffix('%')} points" if signed.endswith("%") else signed
    return Change(spec.label, unit, cell(name, before).text, cell(name, after).text, signed, _mood(name, moved))


def _mood(name: str, moved: float | None) -> str:
    if not moved:
        return ""
    return "worse" if (moved > 0) == (name in HIGHER_IS_WORSE) else "better"


def _move(before: int, after: int | None, count: int) -> Move:
    words = "" if after is None else cell("rating_notch", after).text
    # A higher notch number is a weaker rating.
    mood = "" if after == before else "worse" if after is None or after > before else "better"
    return Move(cell("rating_notch", before).text, words, count, mood)


def _pair(row: dict[str, Any]) -> Pair:
    before, after = row["before"], row["after"]
    reason = code_words(after["reason"]) if after["reason"] and not after["passed"] else ""
    return Pair(
        index=before["index"],
        rank_before=before["rank"],
        rank_after=after["rank"] if after["passed"] else None,
        tier_before=before["tier"],
        tier_after=after["tier"],
        cells=tuple((cell(name, before["figures"][name]), cell(name, after["figures"][name])) for name in ROW_COLUMNS),
        reason=reason,
    )
