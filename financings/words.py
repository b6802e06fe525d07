"""Figures, codes, lever values and terms of the engine in words, as pages and tables show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.basics.fields import FieldSpec
from engine.deal.axes import AxisSpec, Lever
from engine.deal.detail import Check
from engine.deal.reasons import NOT_COMPUTED
from financings.catalogue import RESULTS
from financings.typed import WORDS, value_label
from lib import figures
from tables import figures as table_figures
from tables.figures import Cell, number_text

PERIODS = ("years", "months")


def cell(name: str, value: Any) -> Cell:
    """A value of a result column as it is shown; the engine marks a whole number that was not computed."""
    column = RESULTS.columns[name]
    is_nothing = value == NOT_COMPUTED and not column.is_computed
    return table_figures.cell(column, None if is_nothing else value)


def cell_in(name: str, row: Mapping[str, Any]) -> Cell:
    """A result among those of its row: the return of a sponsor who pays nothing in is "no equity"."""
    column = RESULTS.columns[name]
    return table_figures.cell_in(column, row) if column.without else cell(name, row.get(name))


def tier_words(value: Any) -> str:
    """A tier by code or name, as its name."""
    return RESULTS.columns["tier"].word(value)


def tier_class(words: str) -> str:
    """The style of a tier: `not-viable` for "Not viable"."""
    return words.lower().replace(" ", "-")


def unit_text(value: Any, unit: str) -> str:
    """A figure of the engine in its unit; words stay words."""
    return WORDS.get(value, value) if isinstance(value, str) else number_text(value, unit)


def agreed_text(value: Any, unit: str) -> str:
    """A term or a limit with every decimal it has."""
    is_plain = isinstance(value, str) or unit in PERIODS
    return unit_text(value, unit) if is_plain else figures.agreed(value, unit)


def limit_text(check: Check) -> str:
    """What a check asks, in its unit: as it was set, or as a result where it was worked out."""
    is_plain = isinstance(check.limit, str) or check.unit in PERIODS
    text = unit_text(check.limit, check.unit) if is_plain else figures.limit_in(check.limit, check.unit)
    return with_period(text, check.limit, check.unit)


def with_period(text: str, value: Any, unit: str) -> str:
    """The text with its unit, where the unit is a length of time and no text has it."""
    return f"{text} {unit}" if unit in PERIODS and not isinstance(value, str) else text


def lever_text(spec: AxisSpec, value: Lever) -> str:
    """A lever's value in words."""
    if isinstance(value, str) or spec.choices:
        return value_label(spec, value)
    return with_period(agreed_text(value, spec.unit), value, spec.unit)


def term_text(spec: FieldSpec, value: Any) -> str:
    """A term in words, with its unit; of a pair the share at its level."""
    if isinstance(value, list | tuple):
        return "; ".join(_item_text(spec, item) for item in value) or "None"
    return with_period(agreed_text(value, spec.unit), value, spec.unit)


def _item_text(spec: FieldSpec, item: Any) -> str:
    if isinstance(item, list | tuple):
        level, part = item
        return f"{agreed_text(level, spec.unit)} at {agreed_text(part, 'share')}"
    return agreed_text(item, spec.unit)
