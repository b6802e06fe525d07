"""Figures in texts: founded, or named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.strategies.said import count, percent, plain, unfounded

RESULTS = [
    {
        "share": 0.0501, "half": 0.5, "loss": -0.1789, "amount": 1234567.89, "days": 1250, "weight": "0.0381",
        "tiny": 0.000123, "name": "N02", "day": "2025-12-31", "label": "EU600 no. 7", "flag": True, "none": None,
        "many": 5_000_000_000.0, "tie": 0.12345, "rows": [{"beta": 0.9}],
    }
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No figure at all.",
        "It weighs 5.01%.",
        "It weighs 5.0%.",  # two digits of 5.01
        "It weighs 5.01 percent, or 501 bps, or 501 basis points.",
        "It weighs 0.0501.",
        "A result of -17.89%, -17.9%, \u221217.9% or \u201318%.",
        "(-17.89%)",
        "Worth 1,234,567.89, that is 1,234,568, 1.23m, 1.2 million or 1,235k.",
        "Worth 5bn, 5.0 billion.",
        "1,250 days, 1250 days.",
        "3.81% of it.",  # a number that came as text
        "0.0123%, 1.23 bps",
        "N02 on 2025-12-31 in EU600 no. 7.",
        "Beta is 0.9, or 0.90, or 0.9x.",
        "12.34% or 12.35%, whichever way a tie goes; 12.345%.",
        "Sell N02: 50%. Then 0.5.",
        "One name, the first of all.",
    ],
)
def test_founded(text):
    assert unfounded(text, RESULTS) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("It weighs 5.02%.", ["5.02%"]),
        ("It weighs 5.1%.", ["5.1%"]),
        ("It weighs 5%.", ["5%"]),  # one digit stands for too much
        ("It weighs 0%.", ["0%"]),
        ("A gain of 17.89%.", ["17.89%"]),
        ("A loss of -5.01%.", ["-5.01%"]),
        ("Worth 1,234,567.90.", ["1,234,567.90"]),
        ("Worth 1,200,000.", ["1,200,000"]),
        ("Worth 1,2345.", ["1,2345"]),
        ("Worth 1.234.567,89.", ["1.234.567,89"]),
        ("Worth 1.23bn.", ["1.23bn"]),
        ("1251 days", ["1251"]),
        ("Five percent, or half.", ["Five", "half"]),
        ("one percent", ["one"]),
        ("twenty-two days", ["twenty", "two"]),
        ("It doubled.", ["doubled"]),
        ("5e-2", ["5", "2"]),
        ("0.0501e3", ["0.0501", "3"]),
        ("N03 is good.", ["03"]),
        ("Q4 was better.", ["4"]),
        ("the 5th", ["5"]),
        ("1/20 of it", ["1/20"]),
        ("2025-12-30", ["2025", "12", "30"]),
        ("about \u00bd of it", ["\u00bd"]),
        ("x\u00b2", ["\u00b2"]),
        ("\u0665\u0660%", ["\u0665", "\u0660"]),
        ("\uff15\uff10%", ["\uff15", "\uff10"]),
        ("3-5.01%", ["3"]),
        ("1 234 567.89", ["1", "234", "567.89"]),
        ("True: 1", ["1"]),
        ("1250 % of it", ["1250 %"]),
    ],
)
def test_unfounded(text, named):
    assert unfounded(text, RESULTS) == named


def test_names_of_the_assignment_may_be_said_but_its_figures_may_not():
    assert unfounded("Fund 130/30 holds 42.", [], [{"name": "Fund 130/30", "count": 42}]) == ["42"]


def test_a_name_stands_whole_or_not_at_all():
    assert unfounded("N021 and XN02", RESULTS) == ["021", "02"]


@given(st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-9))
@settings(max_examples=300, deadline=None)
def test_what_is_written_here_is_founded(value):
    text = f"It is {plain(value)}, that is {percent(value)}."
    assert unfounded(text, [{"value": value}]) == []


@given(st.integers(0, 10**12))
def test_counts_are_founded(value):
    assert unfounded(f"{count(value)} rows", [value]) == []


@given(st.floats(0.001, 1e5), st.floats(0.001, 1e5))
@settings(max_examples=300, deadline=None)
def test_another_number_is_not(value, other):
    if abs(value - other) > 0.01 * max(value, other) and abs(value - other) > 0.02:
        assert unfounded(f"It is {plain(other)}.", [value])


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0475, "4.75%"), (-0.1789, "-17.89%"), (0.0, "0%"), (0.000012345, "0.00123%"), (12.5, "1,250.00%")],
)
def test_percent(value, said):
    assert percent(value) == said
