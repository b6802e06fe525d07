"""Figures in words among those of their row."""

from typing import Any

import pytest

from financings.catalogue import RESULTS
from financings.words import cell_in
from lib.figures import DASH
from tables.figures import table_rows
from tables.views.explorer import _with_reasons


@pytest.mark.parametrize(
    ("irr", "equity", "text"),
    [
        (None, 0.0, "no equity"),
        (None, -5e6, "no equity"),
        (None, 1.0, DASH),
        (None, None, DASH),
        (0.125, 1.0, "12.50%"),
        (0.125, None, "12.50%"),
    ],
)
def test_a_return_on_nothing_is_said_to_be_on_nothing(irr: float | None, equity: float | None, text: str) -> None:
    row: dict[str, Any] = {"sponsor_irr_rate": irr, "sponsor_equity_amount": equity}
    assert cell_in("sponsor_irr_rate", row).text == text
    [shown] = table_rows([(1, row)], [RESULTS.columns["sponsor_irr_rate"]])
    assert shown.cells[0].text == text


def test_a_table_reads_what_its_words_need() -> None:
    assert _with_reasons(RESULTS, ("rank", "sponsor_irr_rate")) == ("rank", "sponsor_irr_rate", "sponsor_equity_amount")
    both = ("sponsor_equity_amount", "sponsor_irr_rate")
    assert _with_reasons(RESULTS, both) == both
    assert _with_reasons(RESULTS, ("rank",)) == ("rank",)
