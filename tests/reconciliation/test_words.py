"""Codes in the words of the desk."""

import re
from pathlib import Path

import pytest

from engine.reconciliation.severity import POINTS
from engine.reconciliation.verdicts import Verdict
from reconciliation.words import TITLES, title_of

ENGINE = Path(__file__).resolve().parents[2] / "engine" / "reconciliation"


@pytest.mark.parametrize("code", [*Verdict, *POINTS])
def test_every_code_has_words(code: str):
    assert code in TITLES


def test_every_kind_of_difference_that_the_engine_names_has_words():
    named = {code for path in ENGINE.glob("*.py") for code in re.findall(r'"([A-Z_]+_BREAK)"', path.read_text())}
    assert len(named) > 4
    assert named <= set(TITLES)


def test_no_two_codes_read_alike():
    assert len(set(TITLES.values())) == len(TITLES)


def test_several_codes_and_unknown_ones():
    assert title_of("PRICE_BREAK, QTY_BREAK") == "Price differs, Quantity differs"
    assert title_of("NEW_CODE") == "New code"
