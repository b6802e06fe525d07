"""What people type about a pack of notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator

from accounts.models import one_line
from documents.facts.marks import Marks
from documents.models import WORDS_LENGTH
from lib.text import day_words

WORDS = (ProhibitNullCharactersValidator(), one_line)


class NotesPackForm(forms.Form):
    """The terms of a pack: who sends it, how private it is, and the date of its investor report."""

    organisation = forms.CharField(max_length=WORDS_LENGTH, validators=WORDS, help_text="Who sends the papers.", initial=Marks().organisation)  # fmt: skip
    confidentiality = forms.CharField(max_length=WORDS_LENGTH, validators=WORDS, initial=Marks().confidentiality, help_text="In the running head of every page.")  # fmt: skip
    period = forms.TypedChoiceField(label="Payment date of the investor report", coerce=int, help_text="As the base case projects it.")  # fmt: skip

    def __init__(self, dates: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(number, day_words(date.fromisoformat(day))) for number, day in enumerate(dates, start=1)]
        self.fields["period"].choices = choices  # type: ignore[attr-defined]
