"""`{% load figures %}`: how numbers look on screen. `{{ value|money:"GBP" }}`, `{{ rate|percent }}`, ..."""

from datetime import datetime

from django import template

from lib import figures

register = template.Library()
for _name in figures.__all__:
    register.filter(_name, getattr(figures, _name))


# For the rows of tables: Django's `date` reads its format anew each time, at twenty times the cost.
@register.filter(expects_localtime=True)
def iso(value: datetime | None) -> str:
    """`2026-11-22T13:45:00+00:00`, for a time's `datetime`; nothing for no time."""
    return value.isoformat() if value else ""


@register.filter(expects_localtime=True)
def moment(value: datetime | None) -> str:
    """`22 Nov 2026, 13:45`, on the reader's clock; nothing for no time."""
    return f"{value.day} {value:%b %Y, %H:%M}" if value else ""
