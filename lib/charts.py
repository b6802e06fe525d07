"""Charts as plain data, for whoever draws them: a page's script, matplotlib, slides, workbooks.

Amounts are in the chart's currency and whole; who draws them may scale them. None stands where there is no figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a series is drawn."""

    COLUMN = "column"
    STACKED = "stacked"
    LINE = "line"
    LIMIT = "limit"
    BAR = "bar"


@dataclass(frozen=True, slots=True)
class Series:
    """One value for each category; a limit has the same value throughout."""

    name: str
    values: tuple[float | None, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart; `unit` is one of the engine's, such as amount or times; `category_label` says what categories are."""

    code: str
    title: str
    unit: str
    currency: str
    category_label: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]

    def __post_init__(self) -> None:
        wrong = [series.name for series in self.series if len(series.values) != len(self.categories)]
        if wrong:
            raise ValueError(f"chart {self.code}: expected {len(self.categories)} values of {', '.join(wrong)}")
