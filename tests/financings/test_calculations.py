"""Single calculations: the reference vectors through the pages' own fields, what a page shows, and what it says of bad input."""

import json
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from engine.basics.fields import FieldKind
from engine.errors import InputProblems
from financings.calculations import CALCULATIONS, Found, calculation_of
from ratings.typed_fields import payload

DATA = Path(__file__).parents[1] / "engine/data"
SWAPS = {case["id"]: case for case in json.loads((DATA / "inflation_trs_vectors.json").read_text())["cases"]}


def run(slug: str, **values: Any) -> Found:
    calculation = calculation_of(slug)
    assert calculation is not None
    return calculation.run(values)


def figure(found: Found, label: str) -> Any:
    return next(each.value for each in found.figures if each.label == label)


@pytest.mark.parametrize("case", ["ZCIS-1", "ZCIS-2"])
def test_an_inflation_swap_is_the_reference(case: str):
    inputs, expected = SWAPS[case]["inputs"], SWAPS[case]["expected"]
    found = run(
        "inflation-swap",
        notional=inputs["notional"],
        fixed_rate=inputs["fixed_rate"],
        tenor=inputs["tenor_years"],
        side="receive_inflation" if "receive inflation" in inputs["direction"] else "pay_inflation",
        valuation_date=inputs["evaluation_date"],
        lag=inputs["observation_lag_months"],
        index=expected["base_index"],
        linear=False,
        tenors=[int(tenor.removesuffix("Y")) for tenor in inputs["zcis_quotes"]],
        breakevens=list(inputs["zcis_quotes"].values()),
        discount_rate=inputs["flat_nominal_zero_rate_annual"],
    )
    assert figure(found, "Value to the holder") == pytest.approx(expected["npv"], rel=1e-9)
    assert figure(found, "Index expected at the end") == pytest.approx(expected["projected_final_index"], rel=1e-9)
    assert str(figure(found, "Paid on")) == expected["payment_date"]


def test_a_total_return_swap_is_the_reference_period_by_period():
    inputs, expected = SWAPS["TRS-1"]["inputs"], SWAPS["TRS-1"]["expected"]
    found = run(
        "return-swap",
        notional=inputs["initial_notional"],
        price=inputs["initial_price"],
        spread=inputs["spread"] * 1e4,
        basis=inputs["basis"],
        resets=inputs["reset_notional"],
        prices=inputs["prices"],
        income=inputs["income_per_100"],
        reference_rates=inputs["reference_rates"],
        days=inputs["days"],
    )
    assert found.figures[0].value == pytest.approx(expected["total_net"], rel=1e-10)
    assert [row[-1] for row in found.rows] == pytest.approx(
        [period["net_to_total_return_receiver"] for period in expected["periods"]], rel=1e-10
    )


def test_a_bullet_by_hand_at_the_border_between_its_two_limits():
    """15 / (1.5 x 5%) = 200; 50% of 400 = 200: coverage is named where both agree."""
    found = run("bullet", noi=15.0, dscr=1.5, rate=0.05, property_value=400.0, max_ltv=0.5, shift=100.0)
    assert figure(found, "Loan") == pytest.approx(200.0)
    assert figure(found, "Limited by") == "Coverage"
    assert figure(found, "Value may fall before the balloon exceeds it") == pytest.approx(0.5)
    assert figure(found, "DSCR if refinanced after rates moved") == pytest.approx(15 / (200 * 0.06))
    lower = run("bullet", noi=15.0, dscr=1.5, rate=0.05, property_value=399.0, max_ltv=0.5, shift=0.0)
    assert (figure(lower, "Loan"), figure(lower, "Limited by")) == (pytest.approx(199.5), "Value")


def test_payback_and_multiple_by_hand():
    found = run("cash-flows", flows=[-10.0, 4.0, 4.0, 4.0], periods=1, discount_rate=0.0)
    assert figure(found, "Paid back after") == pytest.approx(2.5)
    assert figure(found, "Money multiple") == pytest.approx(1.2)
    assert figure(found, "Net present value") == pytest.approx(2.0)


def test_every_fault_is_told_at_its_field():
    with pytest.raises(InputProblems) as error:
        run("bullet", noi=-1.0, dscr=0.1, rate="x", property_value=1.0)
    assert {problem.place for problem in error.value.problems} >= {"noi", "dscr", "rate", "max_ltv"}


def test_a_formula_without_an_answer_says_so():
    with pytest.raises(InputProblems, match="one breakeven for each quoted tenor"):
        run(
            "inflation-swap", notional=1.0, fixed_rate=0.02, tenor=5, valuation_date="2026-06-15", lag=2, index=400.0,
            tenors=[5.0], breakevens=[0.03, 0.04], discount_rate=0.04,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("100,000 200,000", [100_000.0, 200_000.0]),
        ("100000; 200000", [100_000.0, 200_000.0]),
        ("1.5, 2.5", [1.5, 2.5]),
        ("1,234.5\n-2", [1_234.5, -2.0]),
    ],
)
def test_a_comma_within_a_number_never_makes_two_of_it(typed: str, numbers: list[float]):
    calculation = calculation_of("cash-flows")
    assert calculation is not None
    assert payload(calculation.fields, {"flows": typed})["flows"] == numbers


NUMBER = st.sampled_from([0.0, 1e-12, 0.05, 0.5, 1.0, 1.5, 12.0, 100.0, 365.0, 1e15, -0.4, -5.0])


@given(data=st.data())
@pytest.mark.parametrize("slug", [each.slug for each in CALCULATIONS])
def test_whatever_is_typed_there_is_an_answer_or_a_sentence(slug: str, data: st.DataObject):
    calculation = calculation_of(slug)
    assert calculation is not None
    drawn: dict[FieldKind, st.SearchStrategy[Any]] = {
        FieldKind.NUMBER: NUMBER,
        FieldKind.INTEGER: st.integers(0, 60),
        FieldKind.NUMBERS: st.lists(NUMBER, max_size=4),
        FieldKind.DATE: st.dates(date(1990, 1, 1), date(2090, 1, 1)).map(str),
        FieldKind.FLAG: st.booleans(),
        FieldKind.CHOICE: st.sampled_from(["receive_inflation", "pay_inflation", "neither"]),
    }
    with suppress(InputProblems):
        assert calculation.run({spec.path: data.draw(drawn[spec.kind]) for spec in calculation.fields}).figures


@pytest.mark.django_db
class TestPages:
    """What a browser gets."""

    @pytest.mark.parametrize("slug", [each.slug for each in CALCULATIONS])
    def test_a_form_opens_empty(self, client: Client, sponsor: User, slug: str):
        client.force_login(sponsor)
        page = client.get(reverse("calculation", args=[slug]))
        assert page.status_code == 200
        assert "Answer" not in page.content.decode()

    def test_an_answer_stands_above_the_form_that_keeps_what_was_typed(self, client: Client, sponsor: User):
        client.force_login(sponsor)
        asked = {"costs": "100 100", "gearing": "50%", "period_rate": "1%"}
        page = client.get(reverse("calculation", args=["capitalised-interest"]), asked).content.decode()
        assert "Loan at completion" in page
        assert 'value="100 100"' in page

    def test_bad_input_comes_back_with_its_sentence(self, client: Client, sponsor: User):
        client.force_login(sponsor)
        page = client.get(reverse("calculation", args=["bullet"]), {"noi": "many", "dscr": "1.5"})
        assert page.status_code == 422
        assert 'aria-invalid="true"' in page.content.decode()

    def test_there_is_no_other(self, client: Client, sponsor: User):
        client.force_login(sponsor)
        assert client.get(reverse("calculation", args=["alchemy"])).status_code == 404
