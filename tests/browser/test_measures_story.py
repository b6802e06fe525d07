"""A strategy is backtested, its risk measured, its scenarios edited as rows and run: each on its page, by a worker."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import User
from strategies.models import Strategy
from strategies.services.measures import save_scenario_set
from tests.browser.test_portfolio_story import is_sound, strategy
from tests.strategies.test_measures import ROWS

__all__ = ["strategy"]
WORKED = 120_000


def test_a_strategy_is_backtested_and_measured(
    strategy: Strategy, admin: User, sign_in: Callable[[User], Page]
) -> None:
    page = sign_in(admin)
    save_scenario_set(by=admin, desk=strategy.desk, name="House set", rows=ROWS)
    page.goto(f"/strategies/{strategy.code}/backtest/")
    is_sound(page)
    page.get_by_label("Walk-forward: days to choose on").fill("120")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="Look-ahead check")).to_be_visible(timeout=WORKED)
    for name in ("equity", "drawdown", "exposures", "waterfall"):
        expect(page.locator(f"[data-strategy-chart={name}] svg")).to_be_visible()
    is_sound(page)
    page.get_by_role("link", name="Ledger", exact=True).click()
    expect(page.get_by_text("Page 1 of 3")).to_be_visible()
    is_sound(page)

    page.goto(f"/strategies/{strategy.code}/risk/")
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_role("heading", name="Was it right?")).to_be_visible(timeout=WORKED)
    expect(page.locator("[data-strategy-chart=factors] svg")).to_be_visible()
    is_sound(page)

    page.goto(f"/strategies/{strategy.code}/scenarios/")
    page.get_by_role("link", name="House set").click()
    page.get_by_label("Row 4, scenario").fill("Rates up")
    page.get_by_label("Row 4, factor or name").fill("rates")
    page.get_by_label("Row 4, by how many percent").fill("two")
    page.get_by_role("button", name="Save the set").click()
    expect(page.get_by_text("Row 4:").first).to_be_visible()
    is_sound(page)
    page.get_by_label("Row 4, by how many percent").fill("2")
    page.get_by_role("button", name="Save the set").click()
    expect(page.get_by_text("House set is saved.")).to_be_visible()
    page.goto(f"/strategies/{strategy.code}/scenarios/")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="What would hedge it")).to_be_visible(timeout=WORKED)
    expect(page.locator("[data-strategy-chart=tornado] svg")).to_be_visible()
    is_sound(page)
