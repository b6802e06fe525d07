"""Who was a member when, what was known on a day, and how much of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.strategies.panel_rows import PanelRows, grid_of, known, point_in_time, rows_of
from engine.strategies.panels import Panel
from engine.strategies.universes import Member, coverage, members_on, membership, problems_of_members

NAN = np.nan


def day(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


def days(*texts: str):
    return np.array(texts, "datetime64[D]")


def rows(*lines: tuple[str, str, float, str]) -> PanelRows:
    """Rows of (date, id, roe, known since)."""
    dates, idents, figures, since = zip(*lines, strict=True)
    return rows_of(days(*dates), idents, {"roe": np.array(figures)}, days(*since))


REPORTED = rows(
    ("2024-12-31", "A", 1.0, "2025-02-10"),
    ("2024-12-31", "A", 1.5, "2025-03-20"),  # restated
    ("2025-03-31", "A", 2.0, "2025-05-05"),
    ("2024-09-30", "A", 9.0, "2025-06-01"),  # an old figure, told late
    ("2024-12-31", "B", 4.0, "2025-02-28"),
)


@pytest.mark.parametrize(
    ("as_of", "told"),
    [
        ("2025-02-09", []),
        ("2025-02-10", [("2024-12-31", "A", 1.0)]),
        ("2025-03-19", [("2024-12-31", "A", 1.0), ("2024-12-31", "B", 4.0)]),
        ("2025-03-20", [("2024-12-31", "A", 1.5), ("2024-12-31", "B", 4.0)]),
        ("2025-05-05", [("2024-12-31", "A", 1.5), ("2025-03-31", "A", 2.0), ("2024-12-31", "B", 4.0)]),
    ],
)
def test_known_is_what_had_been_told_by_the_day(as_of, told):
    then = known(REPORTED, day(as_of))
    assert list(zip(then.dates.astype(str), then.idents, then.values["roe"], strict=True)) == told


def test_a_point_in_time_panel_shows_the_newest_figure_of_each_day():
    on = days("2025-02-07", "2025-02-10", "2025-03-20", "2025-05-02", "2025-05-05", "2025-06-02")
    panel = point_in_time(REPORTED, on, ("A", "B", "C"))
    np.testing.assert_array_equal(panel["roe"][:, 0], [NAN, 1.0, 1.5, 1.5, 2.0, 2.0])
    np.testing.assert_array_equal(panel["roe"][:, 1], [NAN, NAN, 4.0, 4.0, 4.0, 4.0])
    assert np.isnan(panel["roe"][:, 2]).all()


def test_a_figure_told_on_a_day_off_counts_from_the_next_day():
    panel = point_in_time(rows(("2025-01-31", "A", 1.0, "2025-02-08")), days("2025-02-07", "2025-02-10"), ("A",))
    np.testing.assert_array_equal(panel["roe"][:, 0], [NAN, 1.0])


def test_a_figure_grows_too_old():
    on = days("2025-02-10", "2025-02-20", "2025-02-21")
    panel = point_in_time(rows(("2024-12-31", "A", 1.0, "2025-02-10")), on, ("A",), most_age_days=10)
    np.testing.assert_array_equal(panel["roe"][:, 0], [1.0, 1.0, NAN])


LINES = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from("AB"), st.integers(0, 20), st.integers(0, 99)),
    min_size=1, max_size=25, unique_by=lambda line: line[:3],
)  # fmt: skip


@given(LINES)
def test_the_panel_of_a_day_is_the_newest_row_known_on_it(lines):
    start = day("2025-01-01")
    table = rows_of(
        np.array([start + line[0] for line in lines]), [line[1] for line in lines],
        {"roe": np.array([float(line[3]) for line in lines])}, np.array([start + line[0] + line[2] for line in lines]),
    )  # fmt: skip
    on = start + np.arange(45)
    panel = point_in_time(table, on, ("A", "B"))
    for row, each in enumerate(on):
        then = known(table, each)
        for column, name in enumerate(("A", "B")):
            mine = np.flatnonzero(then.idents == name)
            wanted = then.values["roe"][mine[-1]] if len(mine) else NAN
            np.testing.assert_array_equal(panel["roe"][row, column], wanted)


def test_a_grid_carries_nothing_on():
    table = rows(("2025-01-02", "B", 2.0, "2025-01-02"), ("2025-01-03", "A", 1.0, "2025-01-03"))
    panel = grid_of(table)
    assert panel.names == ("A", "B")
    np.testing.assert_array_equal(panel["roe"], [[NAN, 2.0], [1.0, NAN]])
    np.testing.assert_array_equal(grid_of(table, ("B", "C"))["roe"], [[2.0, NAN], [NAN, NAN]])


STAYS = (
    Member("OLD", day("2020-01-01"), day("2024-06-28")),
    Member("NEW", day("2024-07-01")),
    Member("BACK", day("2020-01-01"), day("2021-12-31")),
    Member("BACK", day("2024-01-01")),
)


@pytest.mark.parametrize(
    ("on", "who"),
    [
        ("2019-12-31", ()),
        ("2020-01-01", ("BACK", "OLD")),
        ("2022-01-01", ("OLD",)),
        ("2024-06-28", ("BACK", "OLD")),
        ("2024-06-29", ("BACK",)),
        ("2024-07-01", ("BACK", "NEW")),
    ],
)
def test_members_of_a_day_hold_those_delisted_since(on, who):
    assert members_on(STAYS, day(on)) == who
    found = membership(STAYS, days(on), ("BACK", "NEW", "OLD"))
    assert tuple(name for name, here in zip(("BACK", "NEW", "OLD"), found[0], strict=True) if here) == who


def test_stays_that_end_early_or_overlap_are_told():
    stays = (*STAYS, Member("X", day("2024-02-01"), day("2024-01-31")), Member("NEW", day("2025-01-01")))
    assert [(p.place, p.code) for p in problems_of_members(stays)] == [
        ("members.5", "overlap"),
        ("members.4", "ends_early"),
    ]
    assert problems_of_members(STAYS) == []


def test_a_stay_that_begins_on_the_day_the_last_one_ends_overlaps():
    first = Member("A", day("2024-01-01"), day("2024-02-01"))
    assert problems_of_members([first, Member("A", day("2024-02-02"))]) == []
    assert [p.code for p in problems_of_members([first, Member("A", day("2024-02-01"))])] == ["overlap"]


def test_coverage_counts_members_with_a_figure_by_month():
    on = days("2025-01-02", "2025-01-03", "2025-03-03")
    panel = Panel(on, ("A", "B"), {
        "close": np.array([[1.0, NAN], [1.0, 2.0], [NAN, 2.0]]), "roe": np.full((3, 2), NAN),
    })  # fmt: skip
    members = np.array([[True, True], [True, True], [True, False]])
    found = coverage(panel, members)
    assert (found.months, found.fields) == (("2025-01", "2025-03"), ("close", "roe"))
    np.testing.assert_allclose(found.shares, [[0.75, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(coverage(panel).shares, [[0.75, 0.5], [0.0, 0.0]])
    assert np.isnan(coverage(panel, np.zeros((3, 2), bool)).shares).all()
