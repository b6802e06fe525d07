"""Lines of text that every file can hold."""

from datetime import date

import pytest

from lib.text import day_told, has_unprintable, label_of, without_unprintable


@pytest.mark.parametrize(
    "text", ["\x0b", "a\x1bb", "\ufffe", "\uffff", "a\tb", "a\nb", "a\rb", "\x7f", "\x85", "\ud800", "\x00"]
)
def test_what_no_line_holds(text: str) -> None:
    assert has_unprintable(text)
    assert not has_unprintable(without_unprintable(text))


@pytest.mark.parametrize("text", ["", "Quay Street", "Zażółć", "東京", "a\u00a0b", "\U0001f3d7", "\ufffd", "\u200d"])
def test_what_a_line_holds(text: str) -> None:
    assert not has_unprintable(text)
    assert without_unprintable(text) == text


@pytest.mark.parametrize(
    ("field", "label"), [("reference_entity", "Reference entity"), ("uti", "UTI"), ("fx_rate", "FX rate"), ("", "")]
)
def test_fields_are_labels(field: str, label: str):
    assert label_of(field) == label


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2029-01-31", "31 Jan 2029"),
        (date(2026, 9, 1), "1 Sep 2026"),
        ("later", "later"),
        ("", ""),
        (None, ""),
        ("2029-13-01", "2029-13-01"),
    ],
)
def test_a_day_of_a_file_is_told_in_words(day: object, told: str) -> None:
    assert day_told(day) == told
