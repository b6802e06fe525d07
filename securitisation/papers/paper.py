"""What the papers of notes share: the fields of their heads and feet, and the words that several of them say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from documents.kinds.paper import plain
from documents.rendering import render_pdf
from documents.rendering.templating import in_house_format
from securitisation.papers.facts import NotesFacts

FOLDER = Path(__file__).resolve().parent
Fields = dict[str, Any]
NOT_A_RATING = "Ratings are indicated by a model. No rating agency has assigned, confirmed or seen them, and this paper is no presale report of an agency."
NO_OFFER = (
    "For information and for its addressee only: no offer, solicitation, advice or commitment, and no financial promotion to retail clients. "
    "The notes are not registered under any securities law. Whoever considers an investment relies on the final documents and on advice of their own."
)


def paper_of(facts: NotesFacts, title: str, template: str, fields: Callable[[], Fields]) -> bytes:
    """A PDF of one of this folder's templates, its figures in the house's format."""
    return render_pdf(
        plain(in_house_format(lambda: {**_common(facts, title), **fields()})()), (FOLDER / template).read_bytes()
    )


def _common(facts: NotesFacts, title: str) -> Fields:
    marks = facts.marks
    return {
        "paper": {
            "title": title,
            "project": facts.title,
            "organisation": marks.organisation,
            "confidentiality": marks.confidentiality,
            "version": marks.version_words,
            "lineage": facts.lineage,
            "is_draft": marks.is_draft,
            "as_of": facts.made_at,
        },
        "currency": facts.currency,
        "about": facts.about,
        "not_a_rating": NOT_A_RATING,
        "no_offer": NO_OFFER,
    }
