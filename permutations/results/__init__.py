"""Every permutation of a run, to filter, sort, page and take away. Columns are named by the catalogue only."""

from permutations.results.exports import export_csv, export_excel, export_parquet
from permutations.results.query import (
    OPERATORS,
    Filter,
    ResultsQuery,
    Sort,
    column_choices,
    filter_in_words,
    query_from_params,
    result_columns,
)
from permutations.results.reading import (
    Page,
    count_results,
    distributions,
    page_of_results,
    result_row,
    rows_of,
    stress_rows,
)

__all__ = [
    "OPERATORS",
    "Filter",
    "Page",
    "ResultsQuery",
    "Sort",
    "column_choices",
    "count_results",
    "distributions",
    "export_csv",
    "export_excel",
    "export_parquet",
    "filter_in_words",
    "page_of_results",
    "query_from_params",
    "result_columns",
    "result_row",
    "rows_of",
    "stress_rows",
]
