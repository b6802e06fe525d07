"""Figures in words among those of their row."""

from typing import Any

import pytest

from engine.deal.detail import Check
from engine.permutations import COLUMNS
from engine.permutations.remedies import PairRemedy, Remedy
from engine.terms import FIELDS as TERM_FIELDS
from financings.catalogue import RESULTS
from financings.views import simulation
from financings.views.shown import headline_figures, pair_sentence
from financings.words import cell_in, limit_text, term_text
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


def test_shares_of_the_headline_figures_are_told_in_percent():
    row = dict.fromkeys(COLUMNS, 0.0) | {
        "total_agency_ltv_ratio": 0.6889622984835,
        "total_appraisal_ltv_ratio": 0.5442805,
        "loan_to_cost_ratio": 0.9447331128956,
        "equity_ratio": 0.2,
        "stability_ratio": 0.857450605,
    }
    told = {figure.label: f"{figure.text} {figure.note}" for figure in headline_figures(row, "GBP")}
    assert told["Total LTV"].startswith("68.9% of haircut value; 54.4% of value")
    assert told["Loan to cost"].startswith("94.5%")
    assert told["Cash equity"].endswith("20.0% of all uses")
    assert "85.7%" in told["DSCR, worst stress"]


@pytest.mark.parametrize(
    ("mean", "error", "shown"),
    [
        (0.4573, 0.005, ("45.7%", "0.5%")),
        (0.4573, 0.0005, ("45.73%", "0.05%")),
        (0.4573, 0.0, ("45.7%", "0.0%")),
        (0.4573, 0.2, ("45.7%", "20.0%")),
        (0.12345678, 0.0000001, ("12.346%", "0.000%")),
    ],
)
def test_an_estimate_has_the_digits_that_its_error_bears_out(mean: float, error: float, shown: tuple[str, str]):
    assert simulation._share({"mean": mean, "standard_error": error}) == shown


def test_a_default_without_a_loss_is_told_as_late():
    found = {"tranche": "Mezzanine", "default_probability": {"mean": 0.457, "standard_error": 0.005}}
    assert simulation._paid_late({**found, "expected_loss": {"mean": 0.0}}).startswith(
        "Mezzanine misses a payment in 45.7% of the paths"
    )
    assert simulation._paid_late({**found, "expected_loss": {"mean": 0.01}}) == ""
    seldom = {**found, "default_probability": {"mean": 0.001, "standard_error": 0.0}}
    assert simulation._paid_late({**seldom, "expected_loss": {"mean": 0.0}}) == ""


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("lock_up_steps", [[1.1, 1.0], [1.05, 0.5]], "1.10x at 100.0%; 1.05x at 50.0%"),
        ("lock_up_window_months", 12, "12 months"),
        ("ard_trap_steps", [], "None"),
    ],
)
def test_a_term_is_told_with_its_unit(name: str, value: Any, text: str) -> None:
    spec = next(each for each in TERM_FIELDS if each.path == name)
    assert term_text(spec, value) == text


@pytest.mark.parametrize(
    ("code", "unit", "limit", "text"),
    [
        ("criterion_20", "rate", 0.059876710614, "5.99%"),  # worked out from a curve and a spread
        ("criterion_00", "rate", 0.05625, "5.625%"),  # as agreed
        ("criterion_00", "years", 20, "20 years"),
        ("criterion_00", "times", 1.255, "1.255x"),
    ],
)
def test_a_limit_has_the_digits_it_was_agreed_with(code: str, unit: str, limit: float, text: str) -> None:
    assert limit_text(Check(code, "A check", unit, 0.0, limit, None, True)) == text


def test_a_pair_is_told_without_house_words():
    parts = (
        Remedy("wrap", "Insurance wrap", "", None, "senior", "AA", 1.0, ()),
        Remedy("senior_tenor_years", "Senior tenor", "years", 20, 15, "AA", 5.0, ()),
    )
    told = pair_sentence(PairRemedy(parts, "AA", 6.0, ()))
    assert "from the project's own value to" in told
    assert told.endswith("for AA. Cost: 6 steps of the run's form.")


def test_headlines_open_into_their_explanation():
    row = dict.fromkeys(COLUMNS, 0.0)
    keys = {figure.label: figure.key for figure in headline_figures(row, "GBP", {"senior_amount", "llcr"})}
    assert {label: key for label, key in keys.items() if key} == {"Senior debt": "senior_amount", "LLCR": "llcr"}


def test_debt_at_close_and_at_start_are_told_apart():
    """Interest is added to the mezzanine until operations start: the sources show one amount, the strip the other."""
    row = {**dict.fromkeys(COLUMNS, 0.0), "mezz_amount": 56.42e6, "mezz_proceeds_amount": 51.58e6, "mezz_sized_by": 1}
    alike = {**row, "mezz_proceeds_amount": 56.42e6}
    notes = [
        {each.label: each.note for each in headline_figures(each, "GBP")}["Mezzanine debt"] for each in (row, alike)
    ]
    assert notes == ["at start of operations, 51.58m at close; sized by DSCR", "sized by DSCR"]
