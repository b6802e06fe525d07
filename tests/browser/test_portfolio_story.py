"""A portfolio is made: limits edited, worked out by a worker, its prices read, weights of one's own tried and kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from accounts.models import User
from strategies.models import Strategy
from strategies.queries import latest_version
from tests.browser.test_accessibility import AT_REST, IN_THE_DARK, OPTIONS, violations
from tests.strategies.cast import small_desk, small_strategy


@pytest.fixture
def strategy(admin: User) -> Strategy:
    return small_strategy(admin, small_desk(admin))


def is_sound(page: Page) -> None:
    """Nothing that axe finds, in light and in dark."""
    page.evaluate(AT_REST)
    page.evaluate(AXE_SCRIPT)
    assert violations(page, OPTIONS) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, IN_THE_DARK) == []
    page.emulate_media(color_scheme="light")


def test_a_portfolio_is_made_and_changed(strategy: Strategy, admin: User, sign_in: Callable[[User], Page]) -> None:
    page = sign_in(admin)
    page.goto(f"/strategies/{strategy.code}/")
    page.get_by_role("link", name="Portfolio", exact=True).click()
    limits = page.locator("#construction fieldset")
    expect(limits).to_have_count(3)
    page.get_by_role("button", name="Add a limit").click()
    expect(limits).to_have_count(4)
    is_sound(page)
    page.get_by_label("Goal", exact=True).select_option("minimum_variance")
    page.get_by_label("Limit", exact=True).last.fill("a tenth")
    page.get_by_role("button", name="Save, and work it out").click()
    expect(page.get_by_text("Limit: expected a number, got a tenth.")).to_be_visible()
    page.get_by_label("Limit", exact=True).last.fill("10")
    page.get_by_role("button", name="Save, and work it out").click()
    expect(page.get_by_role("heading", name="These limits cannot all be kept")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("7 x 10% = 70%, less than 100%.")).to_be_visible()
    is_sound(page)

    page.get_by_role("link", name="Change the limits").click()
    page.get_by_role("button", name="Remove Limit 4").click()
    expect(limits).to_have_count(3)
    page.get_by_role("button", name="Save, and work it out").click()
    expect(page.get_by_role("heading", name="Before and after")).to_be_visible(timeout=120_000)
    expect(page.locator("[data-portfolio-chart=sectors] svg")).to_be_visible()
    expect(page.get_by_text("of the objective for one percentage point more").first).to_be_visible()
    is_sound(page)

    page.get_by_role("link", name="Try weights of our own").click()
    expect(page.get_by_text("Every limit is kept")).to_be_visible()
    slider = page.get_by_role("slider", name="RA01, weight in percent")
    slider.fill("40")
    expect(page.get_by_label("RA01", exact=True)).to_have_value("40")
    expect(page.get_by_text("limits broken")).to_be_visible()
    is_sound(page)
    page.get_by_label("Why these weights").fill("A hunch")
    page.get_by_role("button", name="Keep them as the next version").click()
    expect(page.get_by_label("Goal", exact=True)).to_have_value("own_weights")
    assert latest_version(strategy).content["construction"]["weights"]["RA01"] == 0.4
