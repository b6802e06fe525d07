"""Raw rows into a panel: each fault at its row and column, good rows kept, in time for a big desk."""

from __future__ import annotations

import time
from datetime import date

import numpy as np
import pytest

from engine.strategies.panel_checks import PanelKind, PanelRules, check_panel
from tests.strategies.panel_cases import weekdays

TODAY = np.datetime64("2025-06-30")
PRICES = PanelRules(PanelKind.PRICES, TODAY)
FACTORS = PanelRules(PanelKind.FACTORS, TODAY)


def priced(*rows, header="date id close"):
    """Columns of rows written as words; `.` is an empty cell."""
    lines = [[None if cell == "." else cell for cell in row.split()] for row in rows]
    return dict(zip(header.split(), zip(*lines, strict=True), strict=True))


def told(checked):
    """(row, column, code) of what was found, rows counted from 1."""
    return [(None if f.row is None else f.row + 1, f.column, f.code) for f in checked.findings]


def closes(checked):
    return list(zip(checked.rows.dates.astype(str), checked.rows.idents, checked.rows.values["close"], strict=True))


SOUND = ("2025-06-02 A 10", "2025-06-03 A 11", "2025-06-02 B 20", "2025-06-03 B 21")


def test_sound_rows_are_kept_as_they_are_with_nothing_to_say():
    checked = check_panel(priced(*SOUND), PRICES)
    assert told(checked) == []
    assert closes(checked) == [("2025-06-02", "A", 10), ("2025-06-03", "A", 11),
                               ("2025-06-02", "B", 20), ("2025-06-03", "B", 21)]  # fmt: skip
    assert checked.rows.known_since.tolist() == checked.rows.dates.tolist()


@pytest.mark.parametrize(
    ("bad", "column", "code", "words"),
    [
        ("02.06.2025 C 10", "date", "not_a_date", "02.06.2025 is no date: enter it as YYYY-MM-DD."),
        ("2025-02-30 C 10", "date", "not_a_date", "2025-02-30 is no date"),
        ("2025-06 C 10", "date", "not_a_date", "2025-06 is no date"),
        (". C 10", "date", "missing", "The date is missing"),
        ("2025-06-03 . 10", "id", "missing", "The name is missing"),
        ("2025-06-03 C 1,5", "close", "not_a_number", "expected a number with a decimal point, got 1,5."),
        ("2025-06-03 C inf", "close", "not_a_number", "got inf."),
        ("2025-06-03 C 1_0", "close", "not_a_number", "got 1_0."),
        ("2025-06-03 C 0", "close", "not_above_nil", "close: expected more than 0, got 0."),
        ("2025-06-03 C -0.01", "close", "not_above_nil", "got -0.01."),
        ("2025-07-01 C 10", "date", "future", "2025-07-01 is after today, 2025-06-30"),
    ],
)
def test_a_bad_row_is_told_at_its_place_and_the_others_kept(bad, column, code, words):
    checked = check_panel(priced(*SOUND[:2], bad, *SOUND[2:]), PRICES)
    assert told(checked) == [(3, column, code)]
    assert words in checked.findings[0].message
    assert checked.findings[0].problem.place == f"row 3, {column}"
    assert checked.kept.tolist() == [0, 1, 3, 4]


@pytest.mark.parametrize("row", ["2025-06-30 C 0.01", "2025-06-30 C .", "2025-06-30T17:30 C 10"])
def test_rows_on_the_limit_are_sound(row):
    checked = check_panel(priced(*SOUND, row), PRICES)
    assert told(checked) == []
    assert len(checked.rows) == 5


def test_dates_and_numbers_may_come_as_such():
    columns: dict[str, list[object]] = {
        "date": [date(2025, 6, 2), np.datetime64("2025-06-03")],
        "id": ["A", "A"],
        "close": [10, 10.5],
    }
    assert closes(check_panel(columns, PRICES)) == [("2025-06-02", "A", 10), ("2025-06-03", "A", 10.5)]


def test_other_figures_of_prices_have_their_limits():
    header = "date id close adv_shares dividend_amount split_ratio"
    checked = check_panel(
        priced(
            "2025-06-02 A 1 0 0 1",
            "2025-06-02 B 1 -1 0 1",
            "2025-06-02 C 1 0 -0.1 1",
            "2025-06-02 D 1 0 0 0",
            header=header,
        ),
        PRICES,
    )
    assert told(checked) == [
        (2, "adv_shares", "below_nil"), (3, "dividend_amount", "below_nil"), (4, "split_ratio", "not_above_nil"),
    ]  # fmt: skip


def test_a_row_repeated_is_left_out_and_rows_at_odds_all_are():
    checked = check_panel(priced(*SOUND, "2025-06-03 A 11", "2025-06-03 B 22"), PRICES)
    assert told(checked) == [(5, "id", "repeated"), (4, "id", "duplicate"), (6, "id", "duplicate")]
    assert (
        checked.findings[1].message
        == "B on 2025-06-03 stands in several rows with different figures: keep the right one."
    )
    assert closes(checked) == [("2025-06-02", "A", 10), ("2025-06-03", "A", 11), ("2025-06-02", "B", 20)]
    assert checked.refused_rows.tolist() == [3, 5]
    assert [finding.code for finding in checked.warnings] == ["repeated"]


def test_of_three_rows_of_one_day_two_of_them_equal_none_is_kept():
    checked = check_panel(priced("2025-06-03 A 1", "2025-06-03 A 1", "2025-06-03 A 1.1", "2025-06-03 B 1"), PRICES)
    assert [finding[0] for finding in told(checked)] == [1, 2, 3]
    assert checked.kept.tolist() == [3]


def test_a_row_with_an_empty_cell_is_at_odds_with_one_without():
    assert told(check_panel(priced("2025-06-03 A .", "2025-06-03 A 1"), PRICES))[0][2] == "duplicate"
    assert told(check_panel(priced("2025-06-03 A .", "2025-06-03 A ."), PRICES))[0][2] == "repeated"


def test_a_restatement_is_no_duplicate():
    checked = check_panel(
        priced("2025-03-31 A 1 2025-05-01", "2025-03-31 A 2 2025-06-01", header="date id roe known_since"), FACTORS
    )
    assert len(checked.rows) == 2
    assert "duplicate" not in checked.counts


@pytest.mark.parametrize(
    ("since", "code"),
    [("2025-06-30", None), ("2025-07-01", "future_known_since"), ("2025-03-31", None), ("2025-03-30", "known_early"),
     ("soon", "not_a_date"), (".", None)],
)  # fmt: skip
def test_known_since_lies_between_the_date_and_today(since, code):
    rows = (f"2025-03-31 A 1 {since}", "2025-03-31 B 2 2025-04-30")
    checked = check_panel(priced(*rows, header="date id roe known_since"), FACTORS)
    assert [finding.code for finding in checked.refused] == ([code] if code else [])
    assert len(checked.rows) == (1 if code else 2)


def test_rows_out_of_order_are_put_in_order_and_said():
    checked = check_panel(priced(SOUND[1], SOUND[0], SOUND[2], SOUND[3]), PRICES)
    assert told(checked) == [(None, "date", "unsorted")]
    assert checked.findings[0].message == "1 rows lie before an earlier row of their name, first row 2: put in order."
    assert closes(checked)[0] == ("2025-06-02", "A", 10)


def test_days_by_name_are_in_order_whichever_way_they_are_interleaved():
    assert told(check_panel(priced(SOUND[2], SOUND[0], SOUND[3], SOUND[1]), PRICES)) == []


@pytest.mark.parametrize(("last", "found"), [("2025-06-09", []), ("2025-06-10", [(2, "date", "gap")])])
def test_a_gap_of_more_than_a_week_is_a_warning(last, found):
    checked = check_panel(priced("2025-06-02 A 1", f"{last} A 1", "2025-06-30 B 1"), PRICES)
    assert told(checked) == found
    assert len(checked.rows) == 3
    if found:
        assert checked.warnings[0].message == "A has no row for 8 days before 2025-06-10."


@pytest.mark.parametrize(
    ("close", "split", "jump"),
    [
        ("50.01", ".", None), ("50", ".", "-50.0%"), ("149.99", ".", None), ("150", ".", "+50.0%"), ("200", ".", "+100.0%"),
        ("50", "2", None), ("200", "0.5", None), ("100", "2", "+100.0%"), ("33.4", "3", None),
    ],
)  # fmt: skip
def test_a_jump_without_a_split_is_a_warning(close, split, jump):
    rows = ("2025-06-02 A 100 .", "2025-06-03 A . .", f"2025-06-04 A {close} {split}", "2025-06-05 B 1 .")
    checked = check_panel(priced(*rows, header="date id close split_ratio"), PRICES)
    assert told(checked) == ([(3, "close", "jump")] if jump else [])
    assert len(checked.rows) == 4
    if jump:
        assert checked.warnings[0].message == f"A moves {jump} on 2025-06-04: is a split missing?"


@pytest.mark.parametrize(
    ("day", "is_weekend"), [("2025-06-06", False), ("2025-06-07", True), ("2025-06-08", True), ("2025-06-09", False)]
)
def test_a_price_of_a_weekend_is_a_warning_and_a_factor_is_none(day, is_weekend):
    checked = check_panel(priced(f"{day} A 1"), PRICES)
    assert told(checked) == ([(1, "date", "weekend")] if is_weekend else [])
    assert len(checked.rows) == 1
    factors = check_panel(priced(f"{day} A 1", f"{day} B 2", header="date id roe"), FACTORS)
    assert told(factors) == []


def test_one_name_has_one_currency():
    header = "date id close currency"
    rows = ("2025-06-02 A 1 EUR", "2025-06-03 A 1 USD", "2025-06-04 A 1 eur", "2025-06-05 A 1 .", "2025-06-03 B 1 USD")
    mixed = check_panel(priced(*rows, header=header), PRICES)
    assert told(mixed) == [(2, "currency", "currency_mix")]
    assert mixed.findings[0].message == "A is in EUR, this row in USD."
    known = PanelRules(PanelKind.PRICES, TODAY, currencies={"A": "USD", "B": "USD"})
    assert [finding[0] for finding in told(check_panel(priced(*rows, header=header), known))] == [1, 3]


def test_names_outside_the_universe_are_refused_where_it_is_known():
    rules = PanelRules(PanelKind.PRICES, TODAY, names=frozenset({"A"}))
    checked = check_panel(priced(*SOUND), rules)
    assert told(checked) == [(3, "id", "unknown_name"), (4, "id", "unknown_name")]
    assert checked.rows.idents.tolist() == ["A", "A"]


def test_more_factors_than_names_and_flat_columns_are_told():
    header = "date id roe beta leverage"
    rows = ("2025-05-30 A 1 2 3", "2025-05-30 B 1 3 3", "2025-06-30 A 1 2 3", "2025-06-30 B 2 3 3")
    checked = check_panel(priced(*rows, header=header), FACTORS)
    assert told(checked) == [(None, "id", "few_names"), (None, "roe", "constant"), (None, "leverage", "constant")]
    assert checked.findings[0].message == "2 names for 3 factors: a score needs more names than factors."
    assert "on 1 of 2 dates, first 2025-05-30" in checked.findings[1].message
    assert "on 2 of 2 dates" in checked.findings[2].message
    assert len(checked.rows) == 4


def test_as_many_factors_as_names_pass():
    checked = check_panel(priced("2025-05-30 A 1 2", "2025-05-30 B 2 3", header="date id roe beta"), FACTORS)
    assert told(checked) == []


@pytest.mark.parametrize(("header", "lacking"), [("date close", "id"), ("id close", "date"), ("date id", "figures")])
def test_a_missing_column_is_named(header, lacking):
    checked = check_panel({name: ["2025-06-02"] for name in header.split()}, PRICES)
    assert [(f.column, f.code) for f in checked.refused] == [(lacking, "missing_column")]
    assert len(checked.rows) == 0


def test_no_rows_are_no_fault():
    checked = check_panel({"date": [], "id": [], "close": []}, PRICES)
    assert (told(checked), len(checked.rows)) == ([], 0)


def test_many_faults_are_counted_and_not_all_told():
    rules = PanelRules(PanelKind.PRICES, TODAY, most_told=3)
    checked = check_panel(priced(*(f"2025-06-{day:02} A -1" for day in range(2, 7))), rules)
    assert (len(checked.findings), checked.counts, len(checked.rows)) == (3, {"not_above_nil": 5}, 0)


@pytest.mark.slow
def test_five_years_of_a_thousand_names_are_checked_in_seconds():
    days = weekdays(1250).astype(str).astype(object)
    rng = np.random.default_rng(1)
    closes = np.exp(np.cumsum(rng.normal(0, 0.01, (1250, 1000)), axis=0)).ravel().round(4)
    columns = {
        "date": np.repeat(days, 1000),
        "id": np.tile(np.array([f"N{number}" for number in range(1000)], object), 1250),
        "close": np.array([str(each) for each in closes], object),
    }
    columns["close"][[5, 5005]] = ("x", "-1")
    began = time.process_time()
    checked = check_panel(columns, PRICES)
    assert time.process_time() - began < 15
    assert {code: checked.counts[code] for code in ("not_a_number", "not_above_nil")} == {
        "not_a_number": 1, "not_above_nil": 1,
    }  # fmt: skip
    assert len(checked.rows) == 1_250_000 - 2
