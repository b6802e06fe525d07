"""What an issue asks of a pack of notes: the structure as it is, a closing to come, financings that may be signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils import timezone

from engine import ENGINE_VERSION
from engine.errors import Problem
from financings.evaluation import Evaluation
from financings.standing import standing_problems
from lib.errors import Invalid
from securitisation.models import NotesPack
from securitisation.queries import latest_version


def issue_problems(pack: NotesPack) -> list[Problem]:
    """What keeps the pack from being issued today; empty where nothing does."""
    return list(_problems(pack))


def require_issuable(pack: NotesPack) -> None:
    """Nothing; Invalid for a pack that may not be issued today."""
    if problems := issue_problems(pack):
        raise Invalid(problems)


def _problems(pack: NotesPack) -> Iterator[Problem]:
    version = pack.run.version
    latest = latest_version(version.structure)
    if latest.pk != version.pk:
        sentence = f"The run is of version {version.number}, the structure is at version {latest.number}: run that, and make the papers of it."
        yield Problem("not_latest", "run", sentence)
    if pack.run.engine_version != ENGINE_VERSION:
        sentence = (
            f"The run is by engine {pack.run.engine_version}, today's is {ENGINE_VERSION}: run the version again."
        )
        yield Problem("other_engine", "run", sentence)
    closing = date.fromisoformat(version.content["closing_date"])
    if closing < timezone.localdate():
        sentence = f"The closing, {closing.isoformat()}, is past: give the structure another, and run it again."
        yield Problem("closing_in_the_past", "run", sentence)
    for financing in version.pool.financings.select_related("project", "rule_set", "market_set"):
        try:
            yield from standing_problems(Evaluation(financing))
        except Invalid as error:
            yield from error.problems
