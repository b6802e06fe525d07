"""Typed numbers: an independent table, what is printed reads back, what is in doubt is asked, noise is refused."""

import math
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.project.inputs import Currency
from lib import figures
from lib.numbers import (
    CURRENCY_SIGNS,
    UNKNOWN,
    number_text,
    read_list,
    read_number,
    read_pairs,
    typed_text,
    whole_or_none,
)
from lib.units import UNITS, Unit

FORMATS = ("comma_point", "point_comma", "space_comma")
EVERY = (*FORMATS, UNKNOWN)
NUMERIC = [unit for unit in UNITS if unit not in {Unit.CODE, Unit.FLAG, Unit.NAME}]
ASK = "asks"


@pytest.mark.parametrize(
    ("typed", "unit", "value"),
    [
        ("5.5%", "rate", "0.055"),
        ("5.5 %", "rate", "0.055"),
        ("5.5", "share", "0.055"),
        ("5.5\u00a0%", "share", "0.055"),
        ("1,234.5", "amount", "1234.5"),
        ("1.234,5", "amount", "1234.5"),
        ("1 234.5", "amount", "1234.5"),
        ("1 234,5", "amount", "1234.5"),
        ("1\u00a0234,5", "amount", "1234.5"),
        ("1\u2009234,5", "amount", "1234.5"),
        ("1\u202f234\u202f567,5", "amount", "1234567.5"),
        ("1'250'000", "amount", "1250000"),
        ("1\u2019250\u2019000", "amount", "1250000"),
        ("10 500 000", "amount", "10500000"),
        ("8.500.000", "amount", "8500000"),
        ("8,500,000", "amount", "8500000"),
        ("\u22125", "amount", "-5"),
        ("-5", "amount", "-5"),
        ("+5", "amount", "5"),
        ("1.35x", "times", "1.35"),
        ("1.35 X", "times", "1.35"),
        (".5", "times", "0.5"),
        ("1.", "times", "1"),
        ("007", "count", "7"),
        ("24 MW", "mw", "24"),
        ("125 bps", "bps", "125"),
        ("1 bp", "bps", "1"),
        ("1 month", "months", "1"),
        ("18\u00a0months", "months", "18"),
        ("7.4 years", "years", "7.4"),
        ("5Y", "years", "5"),
        ("£150", "amount", "150"),
        ("£1.2m", "amount", "1200000"),
        ("-£1.2m", "amount", "-1200000"),
        ("£\u22121.2m", "amount", "-1200000"),
        ("EUR 400k", "amount", "400000"),
        ("400k EUR", "amount", "400000"),
        ("400 eur", "amount", "400"),
        ("8.5m", "amount", "8500000"),
        ("2.5 bn", "amount", "2500000000"),
        ("1.2 million", "amount", "1200000"),
        ("£8.5m per MW", "amount_per_mw", "8500000"),
        ("100 per MWh", "amount_per_mwh", "100"),
        ("1e6", "amount", "1000000"),
        ("1.5E-3", "factor", "0.0015"),
        ("0", "amount", "0"),
    ],
)
@pytest.mark.parametrize("numbers", FORMATS)
def test_what_leaves_no_doubt_is_read_alike_in_every_format(typed: str, unit: str, value: str, numbers: str) -> None:
    assert read_number(typed, unit, numbers).value == Decimal(value)


@pytest.mark.parametrize(
    ("typed", "unit", "comma_point", "point_comma", "space_comma", "unknown"),
    [
        ("1,250", "amount", "1250", "1.25", "1.25", ASK),
        ("1.250", "amount", "1.25", "1250", ASK, ASK),
        ("1,250", "factor", ASK, "1.25", "1.25", ASK),
        ("1.250", "factor", "1.25", ASK, ASK, ASK),
        ("1,250x", "times", ASK, "1.25", "1.25", ASK),
        ("1,250%", "rate", ASK, "0.0125", "0.0125", ASK),
        ("0,850", "factor", ASK, "0.85", "0.85", "0.85"),
        ("0.850", "factor", "0.85", "0.85", "0.85", "0.85"),
        ("0,095", "factor", ASK, "0.095", "0.095", "0.095"),
        ("007,500", "amount", ASK, "7.5", "7.5", "7.5"),
        ("1,5", "count", ASK, "1.5", "1.5", "1.5"),
        ("92,5 %", "share", ASK, "0.925", "0.925", "0.925"),
        ("12,3456", "amount", ASK, "12.3456", "12.3456", "12.3456"),
        (",5", "times", ASK, "0.5", "0.5", "0.5"),
        ("8.500", "amount", "8.5", "8500", ASK, ASK),
        ("1,250k", "amount", "1250000", "1250", "1250", ASK),
    ],
)
def test_a_sign_in_doubt_is_settled_by_the_format_or_asked_about(
    typed: str, unit: str, comma_point: str, point_comma: str, space_comma: str, unknown: str
) -> None:
    for numbers, expected in zip(EVERY, (comma_point, point_comma, space_comma, unknown), strict=True):
        found = read_number(typed, unit, numbers)
        if expected == ASK:
            assert (found.value, found.code) == (None, "ambiguous"), numbers
        else:
            assert found.value == Decimal(expected), numbers


HOSTILE = [
    "", " ", ".", ",", "-", "+", "--1", "+-1", "-+1", "1-", "1_250", "0x10", "1e", "1e400", "1e9999", "1e-400", "nan", "NaN", "sNaN",
    "inf", "-Infinity", "\u0661\u0662", "\uff11\uff12", "\u00b2", "1,2,3", "1,23,456", "1,2345,678", "12 34", "0 850", "1 2", "1..2",
    "1,,2", "1.2.3", "1,234.567,8", "9" * 500, "<b>1</b>", "' OR 1=1 --", "\x00", "1\x00", "1\n2", "1\u200b2", "(5)", "5%%", "5x%",
    "\u20135", "1e1e1", "0,850,000", "1'25", "1,250 .5", "1 ,5", "$", "EUR", "EURO 5", "ABC 5", "£5€", "££5", "5kk", "5 km", "k5",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize("numbers", EVERY)
@pytest.mark.parametrize("unit", ["amount", "rate", "times", "count"])
def test_what_is_no_number_is_refused_in_words(typed: str, numbers: str, unit: str) -> None:
    found = read_number(typed, unit, numbers)
    assert found.value is None
    assert "expected" in found.problem
    assert len(found.problem) < 200


@pytest.mark.parametrize(
    ("typed", "unit"),
    [("5%", "amount"), ("5%", "bps"), ("5x", "rate"), ("5 bps", "rate"), ("5m", "months"), ("5m", "count"), ("£5", "mw"),
     ("5 MW", "amount"), ("5k", "times"), ("5 years", "months"), ("5 EUR", "rate")],
)  # fmt: skip
def test_words_of_another_unit_are_refused(typed: str, unit: str) -> None:
    assert read_number(typed, unit).value is None


@pytest.mark.parametrize(
    ("typed", "currency", "code"),
    [("EUR 5", "EUR", ""), ("€5", "EUR", ""), ("EUR 5", "GBP", "currency"), ("€5m", "GBP", "currency"), ("$5", "JPY", "currency"),
     ("5", "GBP", ""), ("EUR 5", "", "")],
)  # fmt: skip
def test_an_amount_in_another_currency_is_refused(typed: str, currency: str, code: str) -> None:
    assert read_number(typed, "amount", currency=currency).code == code


def test_every_currency_has_its_sign() -> None:
    assert {code for codes in CURRENCY_SIGNS.values() for code in codes} == set(Currency)


values = st.one_of(
    st.floats(min_value=-1e12, max_value=1e12, allow_nan=False),
    st.integers(min_value=-(10**12), max_value=10**12).map(float),
    st.sampled_from([0.85, 1.25, 1250.0, 1.234, 1234.0, 0.095, 7.5, 1e-7, 1e15, 0.0, 0.055, 0.0125]),
)


@given(value=values, unit=st.sampled_from(NUMERIC), numbers=st.sampled_from(FORMATS), grouped=st.booleans())
def test_what_a_field_shows_is_what_it_reads(value: float, unit: Unit, numbers: str, grouped: bool) -> None:
    shown = f"{typed_text(value, unit, numbers, grouped=grouped)}{UNITS[unit].mark}"
    if len(shown) <= 60:
        found = read_number(shown, unit, numbers)
        assert found.value is not None, (shown, found.problem)
        assert float(found.value) == value


# How each is printed, and half of its last digit.
PRINTED: list[tuple[Unit, Callable[[float], str], float]] = [
    (Unit.AMOUNT, figures.amount, 0.5),
    (Unit.AMOUNT, lambda value: figures.amount(value, 2), 0.005),
    (Unit.AMOUNT, lambda value: figures.money(value, "EUR"), 0.5),
    (Unit.AMOUNT, lambda value: figures.millions(value, "GBP"), 5_000),
    (Unit.AMOUNT, figures.millions, 5_000),
    (Unit.RATE, figures.percent, 0.00005),
    (Unit.RATE, figures.share, 0.0005),
    (Unit.SHARE, figures.share, 0.0005),
    (Unit.TIMES, figures.times, 0.005),
    (Unit.BPS, figures.bps, 0.5),
    (Unit.MONTHS, figures.months, 0.5),
    (Unit.YEARS, figures.years, 0.05),
    (Unit.MW, figures.megawatts, 0.005),
    (Unit.COUNT, figures.count, 0.5),
]


@given(value=values, case=st.sampled_from(PRINTED), numbers=st.sampled_from(FORMATS))
def test_what_a_page_prints_can_be_typed_back(
    value: float, case: tuple[Unit, Callable[[float], str], float], numbers: str
) -> None:
    unit, show, half = case
    token = figures.number_format.set(numbers)
    try:
        printed = show(value)
    finally:
        figures.number_format.reset(token)
    found = read_number(printed, unit, numbers)
    assert found.value is not None, (printed, found.problem)
    assert abs(float(found.value) - value) <= half * (1 + 1e-6) + abs(value) * 1e-12


digits = st.text(alphabet="0123456789,.' -+%xkm\u00a0\u202fe", min_size=1, max_size=14)


@given(typed=digits, unit=st.sampled_from(NUMERIC))
def test_a_reader_of_an_unknown_hand_only_asks_more_or_agrees_where_no_format_matters(typed: str, unit: Unit) -> None:
    """Whatever the file reader takes, nobody's form takes for another number than its own format says."""
    told = {read_number(typed, unit, numbers).value for numbers in FORMATS} - {None}
    unknown = read_number(typed, unit, UNKNOWN).value
    if unknown is not None:
        assert told <= {unknown}


@given(typed=digits, unit=st.sampled_from(NUMERIC), numbers=st.sampled_from(EVERY))
def test_reading_never_fails_and_values_are_finite(typed: str, unit: Unit, numbers: str) -> None:
    found = read_number(typed, unit, numbers)
    assert (found.value is None) is bool(found.problem)
    assert found.value is None or math.isfinite(float(found.value))


@pytest.mark.parametrize("typed", ["0,850", "-0,850", "1,250", "007,500", "1,5", "1.250", "1.234", "1,234"])
@pytest.mark.parametrize("numbers", FORMATS)
def test_a_question_tells_how_to_write_each_number(typed: str, numbers: str) -> None:
    found = read_number(typed, "factor", numbers)
    if found.code == "ambiguous":
        ways = found.problem.partition("write ")[2].split(" or ")
        assert [read_number(way, "factor", numbers).value for way in ways] == list(found.readings)


@pytest.mark.parametrize(
    ("typed", "unit", "comma_point", "decimal_comma"),
    [
        ("1.8; 2.5", "rate", ("0.018", "0.025"), ("0.018", "0.025")),
        ("1.8, 2.5", "rate", ("0.018", "0.025"), ("0.018", "0.025")),
        ("1.8,2.5", "rate", ("0.018", "0.025"), None),
        ("1,5,15,30", "count", ("1", "5", "15", "30"), None),
        ("1; 5; 15;", "bps", ("1", "5", "15"), ("1", "5", "15")),
        ("2 3\u00a01.5", "rate", ("0.02", "0.03", "0.015"), ("0.02", "0.03", "0.015")),
        ("2% 3%", "rate", ("0.02", "0.03"), ("0.02", "0.03")),
        ("5 %, 6 %", "rate", ("0.05", "0.06"), ("0.05", "0.06")),
        ("5\r\n6", "rate", ("0.05", "0.06"), ("0.05", "0.06")),
        ("-100, \u2212200", "bps", ("-100", "-200"), ("-100", "-200")),
        ("1,-5", "bps", ("1", "-5"), ("1", "-5")),
        ("100, 200", "bps", ("100", "200"), ("100", "200")),
        ("1 234, 2 345", "amount", ("1234", "2345"), ("1234", "2345")),
        ("1,8", "rate", None, ("0.018",)),
        ("2,5", "rate", None, ("0.025",)),
        ("2,5 3,0 1,8", "rate", None, ("0.025", "0.03", "0.018")),
        ("1,8; 2,5", "rate", None, ("0.018", "0.025")),
        ("1,2, 1,05", "times", None, ("1.2", "1.05")),
        ("1,000", "bps", None, ("1",)),
        ("100 200", "bps", None, None),
        ("1,,2", "rate", None, None),
        (",5", "rate", None, None),
        ("", "rate", None, None),
        ("a", "rate", None, None),
        ("1" * 3000, "rate", None, None),
    ],
)
def test_lists(
    typed: str, unit: str, comma_point: tuple[str, ...] | None, decimal_comma: tuple[str, ...] | None
) -> None:
    for numbers, expected in (
        ("comma_point", comma_point),
        ("point_comma", decimal_comma),
        ("space_comma", decimal_comma),
    ):
        found = read_list(typed, unit, numbers)
        if expected is None:
            assert found.problem, numbers
            assert not found.values
        else:
            assert found.values == tuple(Decimal(each) for each in expected), (numbers, found.problem)


@given(numbers=st.lists(values, min_size=1, max_size=5), unit=st.sampled_from(NUMERIC), style=st.sampled_from(FORMATS))
def test_a_printed_list_reads_back(numbers: list[float], unit: Unit, style: str) -> None:
    items = [typed_text(value, unit, style, grouped=False) for value in numbers]
    if all(len(item) <= 60 for item in items):
        found = read_list(";".join([*items, ""]), unit, style)
        assert [float(value) for value in found.values] == numbers, (items, found.problem)


@pytest.mark.parametrize(
    ("typed", "pairs"),
    [
        ("1.2 at 50%; 1.05 at 100%", [("1.2", "0.5"), ("1.05", "1")]),
        ("1.45x at 50%, 1.25x at 100", [("1.45", "0.5"), ("1.25", "1")]),
        ("1.45 at 50%,1.25 AT 100%", [("1.45", "0.5"), ("1.25", "1")]),
        ("1.2", [("1.2", "1")]),
    ],
)
def test_steps_are_pairs(typed: str, pairs: list[tuple[str, str]]) -> None:
    found = read_pairs(typed, ("times", "share"), missing=Decimal(1))
    assert list(found.pairs) == [(Decimal(one), Decimal(other)) for one, other in pairs]


@pytest.mark.parametrize("typed", ["1,2 at 50%", "1,05 at 100%", "1,45 at 50%, 1,25 at 100%"])
def test_a_step_with_a_decimal_comma_never_becomes_two(typed: str) -> None:
    asked = read_pairs(typed, ("times", "share"), missing=Decimal(1))
    assert not asked.pairs
    assert re.search(r"may be one number or several, write 1\.\d+ or 1; \d+", asked.problem)
    level, _ = read_pairs(typed, ("times", "share"), "point_comma").pairs[0]
    assert Decimal(1) < level < Decimal(2)


@pytest.mark.parametrize("typed", ["at", "1.2 at", "at 50%", "1 at 2 at 3", "a at b", "1.2 at 50% 1 at 2%", ";", ""])
def test_steps_that_are_none_are_refused(typed: str) -> None:
    assert read_pairs(typed, ("times", "share"), missing=Decimal(1)).problem


def test_a_step_without_its_share_is_refused_where_none_is_meant() -> None:
    assert "at" in read_pairs("1.2", ("times", "share")).problem


@pytest.mark.parametrize(
    ("value", "numbers", "text"),
    [("1234567.50", "comma_point", "1,234,567.5"), ("1234567.50", "point_comma", "1.234.567,5"), ("-0.85", "point_comma", "-0,85"),
     ("1234.5", "space_comma", "1\u00a0234,5"), ("1E+6", "comma_point", "1,000,000"), ("100", UNKNOWN, "100")],
)  # fmt: skip
def test_numbers_as_text(value: str, numbers: str, text: str) -> None:
    assert number_text(Decimal(value), numbers) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0", 0),
        ("007", 7),
        ("999", 999),
        ("1000", None),
        ("", None),
        ("-1", None),
        ("1.0", None),
        ("٣", None),
        (" 1", None),
    ],
)
def test_whole_numbers_of_addresses(text: str, found: int | None):
    assert whole_or_none(text, 3) == found
