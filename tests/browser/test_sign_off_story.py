"""A desk from a vendor's file to signed orders: a panel mended, a signal measured, a breach found and mended, signed, exported."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from strategies.models import Desk, Function
from strategies.services.construct import save_weights
from tests.browser.test_portfolio_story import is_sound
from tests.strategies.cast import REVIEWERS, on_desk, small_desk, small_strategy
from tests.strategies.flow_cast import WEIGHTS, worked

WORKED = 120_000
PANEL = b"""date,id,close,adv_shares
2024-01-02,RA01,10.5,1000
2024-01-02,RA02,-20,1000
2024-01-03,RA01,10.6,1100
2024-01-03,RA02,20.4,900
"""


@pytest.fixture
def desk(admin: User) -> Desk:
    return small_desk(admin)


@pytest.fixture
def people(admin: User, desk: Desk) -> dict[str, User]:
    """One person of each function that the story needs."""
    cast = (("Quinn Quant", Function.QUANT), *REVIEWERS)
    return {function: on_desk(admin, desk, name, function) for name, function in cast}


def test_a_panel_is_mended_and_a_signal_measured(
    desk: Desk, people: dict[str, User], sign_in: Callable[[User], Page]
) -> None:
    universe, quant = desk.universes.get(), people[Function.QUANT]
    page = sign_in(quant)
    page.goto(f"/strategies/universes/{universe.code}/data/")
    page.get_by_label("File", exact=True).set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": PANEL})
    page.get_by_label("It holds").select_option("prices")
    page.get_by_label("Sender").fill("Vendor")
    page.get_by_role("button", name="Take in and check").click()
    cell = page.get_by_label("close, row 2", exact=True)
    expect(cell).to_have_value("-20")
    is_sound(page)
    cell.fill("20")
    page.get_by_role("button", name="Correct these cells").click()
    expect(page.get_by_label("close, row 2", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Put it away").click()  # the drawn market stays in force

    strategy = small_strategy(quant, desk)
    page.goto(f"/strategies/{strategy.code}/signal/")
    page.get_by_role("button", name="Measure it").click()
    expect(page.get_by_role("heading", name="Returns by group")).to_be_visible(timeout=WORKED)
    is_sound(page)


def test_a_breach_is_mended_then_signed_by_others_and_exported(
    desk: Desk, people: dict[str, User], sign_in: Callable[[User], Page]
) -> None:
    quant, risk_manager, officer = (people[each] for each in (Function.QUANT, Function.RISK, Function.COMPLIANCE))
    strategy = small_strategy(quant, desk)
    address = f"/strategies/{strategy.code}/compliance/"

    def as_person(person: User) -> Page:
        page = sign_in(person)
        page.goto(address)
        return page

    worked(quant, strategy, {**WEIGHTS, "RA01": 0.06})
    page = as_person(officer)
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("cell", name="Blocked").first).to_be_visible()
    expect(page.get_by_text("RA01").first).to_be_visible()
    is_sound(page)

    save_weights(by=quant, strategy=strategy, weights=WEIGHTS)
    worked(quant, strategy)
    page.context.clear_cookies()
    page = as_person(quant)
    page.get_by_role("button", name="Submit for risk review").click()
    expect(page.get_by_text("Risk review").first).to_be_visible()
    page.context.clear_cookies()
    page = as_person(risk_manager)
    page.get_by_role("button", name="Pass to compliance").click()
    expect(page.get_by_text("Nothing is yours to decide here.")).to_be_visible()
    page.context.clear_cookies()
    page = as_person(officer)
    page.get_by_role("button", name="Check now").click()
    page.get_by_label("Reason").fill("Within every limit.")
    page.get_by_role("button", name="Sign off").click()
    expect(page.get_by_text("Compliance to approved")).to_be_visible()

    page.get_by_role("link", name="Exports", exact=True).click()
    page.get_by_role("button", name="CSV").click()
    with page.expect_download() as taken:
        page.get_by_role("link", name=".csv").first.click()
    assert taken.value.suggested_filename.endswith(".csv")
    is_sound(page)
