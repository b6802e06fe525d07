"""A row that heads others is never the last of a page, and the last row of a long table never alone on one."""

import pytest
from reportlab.platypus import TableStyle
from xhtml2pdf.xhtml2pdf_reportlab import PmlTable

from documents.rendering.headings import begin_tables_below_headings

ROW = 20.0


def rows_of_parts(heads: list[int], count: int, fitting: int) -> list[int]:
    """How many rows stand on each page, of a table whose rows at `heads` span it."""
    begin_tables_below_headings()
    spans = TableStyle([("SPAN", (0, row), (1, row)) for row in heads])
    table = PmlTable(
        [[f"{row}", ""] for row in range(count)], colWidths=[80, 80], rowHeights=[ROW] * count, style=spans
    )
    table.wrap(200, ROW * fitting)
    return [part._nrows for part in table.split(200, ROW * fitting)]


@pytest.mark.parametrize(
    ("heads", "count", "fitting", "parts"),
    [
        ([], 10, 6, [6, 4]),
        ([5], 10, 6, [5, 5]),  # the head goes on with what it heads
        ([], 10, 9, [8, 2]),  # the sum takes the row above with it
        ([7], 10, 9, [7, 3]),
        ([], 4, 3, [3, 1]),  # a short table may end with one row
    ],
)
def test_what_no_page_break_comes_between(heads: list[int], count: int, fitting: int, parts: list[int]) -> None:
    assert rows_of_parts(heads, count, fitting) == parts
