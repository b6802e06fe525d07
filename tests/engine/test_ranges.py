"""One range check: noise at a boundary holds, a real offence is told with all its digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.basics.fields import FieldKind, FieldSpec, Reader
from engine.basics.ranges import as_float, number_shown, range_shown, settled, whole
from engine.deal.axes import AxisSpec, Layer
from engine.errors import InputProblems
from engine.permutations import LeverSet


@pytest.mark.parametrize(
    ("value", "low", "high", "found"),
    [
        (1.0, 0, 1, 1.0),
        (1.0000000000000002, 0, 1, 1.0),
        (0.9999999999999999, 1, 2, 1.0),
        (1 + 5e-10, 0, 1, 1.0),
        (1 + 5e-9, 0, 1, None),
        (3.0000001, 1, 3, None),
        (-1e-17, 0, 1, 0.0),
        (-1e-9, 0, 1, None),
        (1e12 + 0.0002, 0, 1e12, 1e12),
        (1e12 + 1, 0, 1e12, None),
        (5, None, None, 5),
        (5, 6, None, None),
        (7, None, 6, None),
    ],
)
def test_a_value_on_the_limit_but_for_noise_is_the_limit(
    value: float, low: float | None, high: float | None, found: float | None
) -> None:
    assert settled(value, low, high) == found


@pytest.mark.parametrize(("value", "found"), [(0.0, None), (-0.0, None), (1e-17, 1e-17), (1.0, 1.0)])
def test_what_must_be_more_than_a_limit_is(value: float, found: float | None) -> None:
    assert settled(value, 0, 5, above_low=True) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [(27.000000000000004, 27), (26.999999999999996, 27), (23.999999999999996, 24), (27.0, 27), (27, 27), (-3.0, -3), (0.0, 0),
     (27.00001, None), (26.5, None), (1e12 + 0.5, None), (1e15, 10**15)],
)  # fmt: skip
def test_whole_numbers_but_for_noise(value: float, found: int | None) -> None:
    assert whole(value) == found


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_told_with_the_digits_that_make_it(value: float) -> None:
    assert float(number_shown(value)) == value


@pytest.mark.parametrize(
    ("low", "high", "above", "words"),
    [(1, 3, False, "1 to 3"), (0, 3, True, "more than 0 and up to 3"), (0, None, False, "at least 0"), (0, None, True, "more than 0"),
     (None, 3, False, "at most 3"), (None, None, False, "any number"), (0.1234567, 3, False, "0.1234567 to 3")],
)  # fmt: skip
def test_ranges_in_words(low: float | None, high: float | None, above: bool, words: str) -> None:
    assert range_shown(low, high, above_low=above) == words


@pytest.mark.parametrize(
    "raw", ["1_250", "\u0661", "\uff11", "0x10", "nan", "inf", "1,5", "", "1e", True, None, [], {}]
)
def test_what_only_a_program_takes_for_a_number_is_none(raw: object) -> None:
    assert as_float(raw) is None


@pytest.mark.parametrize(("raw", "value"), [("1.5", 1.5), (" 2 ", 2.0), ("-1e3", -1000.0), (3, 3.0), (".5", 0.5)])
def test_plain_numbers_are_read(raw: object, value: float) -> None:
    assert as_float(raw) == value


YEARS = FieldSpec("years", "Lease term", FieldKind.INTEGER, "years", minimum=1, maximum=40)
COVER = FieldSpec("cover", "Senior DSCR", FieldKind.NUMBER, "times", minimum=1, maximum=3)


@pytest.mark.parametrize(
    ("spec", "raw", "value", "told"),
    [
        (YEARS, 27.000000000000004, 27, ""),
        (YEARS, 40.000000000000007, 40, ""),
        (YEARS, 27.0000001, None, "Lease term: expected a whole number, got 27.0000001."),
        (COVER, 3.0000000000000004, 3.0, ""),
        (COVER, 3.0000001, None, "Senior DSCR: expected 1 to 3, got 3.0000001."),
        (COVER, 0.9999999, None, "Senior DSCR: expected 1 to 3, got 0.9999999."),
        (COVER, "1_5", None, "Senior DSCR: expected a number, got '1_5'."),
    ],
)
def test_fields_hold_the_rule(spec: FieldSpec, raw: object, value: float | None, told: str) -> None:
    reader = Reader([spec], {spec.path: raw})
    assert reader.read() == {spec.path: value}
    assert [problem.message for problem in reader.problems] == ([told] if told else [])


@pytest.mark.parametrize(
    ("axis", "value", "kept"),
    [("senior_dscr", 1.25, 1.25), ("opex_ratio", 0.8000000000000002, 0.8), ("senior_tenor_years", 10.000000000000002, 10),
     ("senior_tenor_years", 10.0, 10.0)],
)  # fmt: skip
def test_levers_hold_the_rule(axis: str, value: float, kept: float) -> None:
    found = LeverSet.from_dict({"axes": {axis: [value]}}).axes
    assert found == ((axis, (kept,)),)
    assert type(found[0][1][0]) is type(kept)


@pytest.mark.parametrize(
    ("axis", "value", "told"),
    [("senior_dscr", 3.0000001, "got 3.0000001."), ("senior_tenor_years", 10.0000001, "got 10.0000001.")],
)
def test_a_refused_lever_is_told_with_its_digits(axis: str, value: float, told: str) -> None:
    with pytest.raises(InputProblems) as refused:
        LeverSet.from_dict({"axes": {axis: [value]}})
    assert told in refused.value.problems[0].message


def test_a_unit_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="ratio"):
        FieldSpec("x", "X", FieldKind.NUMBER, "ratio")
    with pytest.raises(ValueError, match="ratio"):
        AxisSpec("x", "X", "ratio", Layer.CASH, None)
