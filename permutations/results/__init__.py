"""Every permutation of a run, to filter, sort, page and take away: a table of `tables`, with the engine's columns."""

from permutations.results.reading import (
    alive_rows,
    count_results,
    cover_of,
    distributions,
    page_of_results,
    result_row,
    row_total,
    rows_of,
    source_of,
    stress_rows,
)

__all__ = [
    "alive_rows",
    "count_results",
    "cover_of",
    "distributions",
    "page_of_results",
    "result_row",
    "row_total",
    "rows_of",
    "source_of",
    "stress_rows",
]
