"""A panel of 1,000 names over five years of days is taken in within a gigabyte, all rooms of the process counted."""

import pytest

from benchmarks.import_side import import_figures

MOST_MEGABYTES = 1_000


@pytest.mark.slow
def test_a_panel_of_a_thousand_names_over_five_years_is_taken_in_within_a_gigabyte():
    figures = {label: figure for label, figure, _ in import_figures()}
    assert figures["memory at most; MB"] < MOST_MEGABYTES
