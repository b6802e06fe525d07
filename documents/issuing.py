"""What an issue asks of a pack's financing and of its close. Source: model book section 11."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils import timezone

from documents.models import Pack
from engine.basics.business_days import PLACES, Calendar, is_open
from engine.errors import Problem
from engine.project.calendar import HOLIDAYS
from financings.evaluation import Evaluation
from financings.standing import standing_problems
from lib.errors import Invalid


def issue_problems(pack: Pack, evaluation: Evaluation) -> tuple[Problem, ...]:
    """What keeps the pack from being issued today; empty where nothing does."""
    try:
        standing = standing_problems(evaluation)
    except Invalid as error:
        standing = error.problems
    return (*standing, *close_problems(pack.close_date, timezone.localdate(), HOLIDAYS[evaluation.deal.inputs.country]))


def require_issuable(pack: Pack, evaluation: Evaluation) -> None:
    """Nothing; Invalid for a pack that may not be issued today."""
    problems = issue_problems(pack, evaluation)
    if problems:
        raise Invalid(problems)


def close_problems(close: date, today: date, holidays: Calendar) -> Iterator[Problem]:
    """What is wrong with a close, for a pack that is issued today."""
    advice = "make a pack with another close, which is the project's own where it has entered one."
    if not is_open(close, holidays):
        what = f"a {close:%A}" if not is_open(close, Calendar.WEEKENDS) else f"one of the {PLACES[holidays]}"
        sentence = f"The close, {close.isoformat()}, is {what}, expected a business day: {advice}"
        yield Problem("not_a_business_day", "close_date", sentence)
    if close < today:
        sentence = f"The close, {close.isoformat()}, lies before the pack's date, {today.isoformat()}: {advice}"
        yield Problem("close_in_the_past", "close_date", sentence)
