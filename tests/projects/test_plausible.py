"""What is accepted and yet unusual is said: a rent or a cost that is off by a thousand."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from projects.plausible import unusual_in
from projects.services import create_project
from tests.projects.cast import put, sound_inputs


def plain(**changes: Any) -> dict[str, Any]:
    """10 MW of IT load at 10,000,000 per MW inside and outside, 150 per kW and month."""
    inputs = put(put(sound_inputs(), "power.gross_facility_mw", 10), "power.pue", 1)
    for path, value in {
        "revenue.rent_basis": "per_kw_month",
        "revenue.rent_amount": 150,
        "capex.internal": {"lines": {"architectural": 100_000_000}},
        "capex.market": {"lines": {"architectural": 110_000_000}},
        "capex_currency": inputs["currency"],
        **changes,
    }.items():
        inputs = put(inputs, path, value)
    return inputs


def told(inputs: dict[str, Any]) -> list[str]:
    return [problem.message.partition(" is ")[0] for problem in unusual_in(inputs)]


def test_a_usual_project_is_told_nothing() -> None:
    assert told(plain()) == []


@pytest.mark.parametrize(("rent", "is_told"), [(49.9, True), (50, False), (400, False), (400.1, True), (0.15, True)])
def test_rent_per_kw_has_a_band(rent: float, is_told: bool) -> None:
    assert ("Rent per kW of IT load a month" in told(plain(**{"revenue.rent_amount": rent}))) is is_told


@pytest.mark.parametrize(
    ("per_mw", "is_told"), [(3_999_999, True), (4_000_000, False), (20_000_000, False), (20_000_001, True), (8.5, True)]
)
def test_capex_per_mw_has_a_band(per_mw: float, is_told: bool) -> None:
    inputs = plain(**{"capex.internal": {"lines": {"architectural": per_mw * 10}}})
    assert ("Internal capex per MW of IT load" in told(inputs)) is is_told


def test_the_project_says_so_to_who_entered_it(client: Client, sponsor: User) -> None:
    project = create_project(by=sponsor, title="Quay", inputs=plain(**{"revenue.rent_amount": 0.15}))
    client.force_login(sponsor)
    for page in ("project-detail", "project-submit"):
        text = client.get(reverse(page, args=[project.code])).content.decode()
        assert "Rent per kW of IT load a month is 0.15" in text
        assert "usual is 50.00 to 400.00" in text
