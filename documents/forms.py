"""What people type about packs: their terms, their links, their templates."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator

from accounts.models import one_line
from documents.facts import Marks
from documents.models import WORDS_LENGTH
from documents.services.request_pack import FIRST_CLOSE, LAST_CLOSE
from engine.basics.business_days import BusinessDays, Calendar, moved
from lib.signed_links import LONGEST_LINK_DAYS

CONFIDENTIALITIES = (
    "Strictly private and confidential",
    "Private and confidential",
    "Confidential, for discussion purposes only",
    "Internal use only",
)
MONTHS_TO_CLOSE = 3
WORDS = (ProhibitNullCharactersValidator(), one_line)


def likely_close(today: date, own: date | None, holidays: Calendar) -> date:
    """The project's own close while it may be issued, else the last business day three months ahead: what the form offers."""
    if own is not None and own >= today:
        return own
    months = today.month - 1 + MONTHS_TO_CLOSE
    year, month = today.year + months // 12, months % 12 + 1
    last = date(year, month, calendar.monthrange(year, month)[1])
    return moved(last, BusinessDays.MODIFIED_FOLLOWING, holidays)


class PackForm(forms.Form):
    """The terms of a pack."""

    close_date = forms.DateField(
        label="Financial close",
        help_text="A business day not in the past, for a pack that is to be issued. All dates of the documents count from it.",
        widget=forms.DateInput(
            format="%Y-%m-%d",
            attrs={"type": "date", "min": FIRST_CLOSE.isoformat(), "max": LAST_CLOSE.isoformat()},
        ),
        error_messages={"invalid": "Expected a date, such as 2027-03-31."},
    )
    organisation = forms.CharField(
        max_length=WORDS_LENGTH,
        validators=WORDS,
        help_text="Who sends the pack. Its own templates are used, where it has some.",
    )
    confidentiality = forms.CharField(
        max_length=WORDS_LENGTH,
        validators=WORDS,
        initial=Marks().confidentiality,
        help_text="In the running head of every page.",
        widget=forms.TextInput(attrs={"list": "confidentialities"}),
    )  # fmt: skip


class LinkForm(forms.Form):
    """Whom a link is for, and for how long."""

    recipient = forms.CharField(
        label="For whom",
        max_length=WORDS_LENGTH,
        validators=WORDS,
        help_text="Kept with the link and in the audit trail.",
    )
    days = forms.IntegerField(label="Days", min_value=1, max_value=LONGEST_LINK_DAYS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["days"].initial = settings.ATLASNEXUS_LINK_DAYS


class TemplateForm(forms.Form):
    """Whose template a file is to be; the file itself is read from the upload."""

    organisation = forms.CharField(max_length=WORDS_LENGTH, validators=WORDS, required=False)
