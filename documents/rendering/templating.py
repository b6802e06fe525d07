"""Templates that a user may replace: they see plain fields, and reach nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, TypeVar

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from lib import figures
from lib.text import day_words

Shown = TypeVar("Shown")


def template_environment() -> ImmutableSandboxedEnvironment:
    """Jinja in a sandbox: every field is escaped, a field that does not exist is an error, figures are filters."""
    environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    environment.filters.update({name: in_house_format(getattr(figures, name)) for name in figures.__all__})
    environment.filters.update(day=day, day_short=day_short, ended=ended, thousands=in_house_format(thousands))
    return environment


def in_house_format(show: Callable[..., Shown]) -> Callable[..., Shown]:
    """The filter with the house's separators, whatever the person prefers who asked for the document."""

    @wraps(show)
    def shown(*values: Any) -> Shown:
        before = figures.number_format.set(figures.DEFAULT_FORMAT)
        try:
            return show(*values)
        finally:
            figures.number_format.reset(before)

    return shown


def day(value: str | date) -> str:
    """`31 January 2027` of a date, or of one written as ISO 8601."""
    return day_words(value if isinstance(value, date) else datetime.fromisoformat(value))


def day_short(value: str | date) -> str:
    """`31 Jan 2027`"""
    number, month, year = day(value).split()
    return f"{number} {month[:3]} {year}"


def thousands(value: object) -> str:
    """`12,346` of 12,345,678, for tables too wide for whole amounts; their heads say so."""
    return figures.amount(value / 1000.0 if isinstance(value, int | float) else value)


def ended(words: str) -> str:
    """The words with a full stop, where they do not end with one already.

    >>> ended("Harbour Holdings"), ended("Harbour Holdings, L.P.")
    ('Harbour Holdings.', 'Harbour Holdings, L.P.')
    """
    return words if words.endswith(".") else f"{words}."


def filled(template: str, fields: dict[str, Any]) -> str:
    """The template with the fields in it; raises jinja2.TemplateError for a template that asks for what is not there."""
    return template_environment().from_string(template).render(fields)
