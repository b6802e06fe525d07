"""Views of a table, kept and shared from its page: by keyboard, on a phone, and without scripts."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from permutations.models import Run
from tables.models import SavedView
from tests.browser.room import pixels_over
from tests.conftest import type_credentials
from tests.stack import Platform

SignIn = Callable[[User], Page]
GOLD = "filter=tier%7C%3E%3D%7CGold"


def test_a_view_is_kept_shared_and_put_away_by_keyboard_on_a_phone(sign_in: SignIn, admin: User, run: Run):
    page = sign_in(admin)
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"/runs/{run.code}/results/?{GOLD}")
    page.locator("summary", has_text="Save this view").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Gold and better, a long name that a phone has no room for")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is saved.")).to_be_visible()
    expect(page.get_by_role("navigation", name="My views").get_by_role("link")).to_have_attribute(
        "aria-current", "true"
    )

    manage = page.locator("summary", has_text="My views")
    manage.focus()
    page.keyboard.press("Enter")
    over = pixels_over(page)
    assert over <= 0, f"{over} px too wide with the menu open"
    page.get_by_role("button", name="Share the view").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("now opens for whoever has its link")).to_be_visible()
    page.locator("summary", has_text="My views").click()
    link = page.get_by_role("textbox", name="Link of the view").input_value()
    expect(page.get_by_role("button", name="Copy the link")).to_be_visible()
    page.goto(link)
    expect(page.locator("[data-filter-value]").first).to_have_value("Gold")

    page.locator("summary", has_text="My views").click()
    page.get_by_role("button", name="Delete the view").click()
    expect(page.get_by_text("is deleted.")).to_be_visible()
    expect(page.get_by_role("navigation", name="My views")).to_have_count(0)


def test_a_view_is_kept_without_scripts(browser: Browser, live: Platform, admin: User, run: Run):
    context = browser.new_context(base_url=live.url, java_script_enabled=False)
    page = context.new_page()
    type_credentials(page, admin)
    page.goto(f"/runs/{run.code}/results/?{GOLD}")
    total = page.locator("[data-total]").get_attribute("data-total")
    page.locator("summary", has_text="Save this view").click()
    page.get_by_label("Name of the view").fill("Gold")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"/runs/{run.code}/results/")
    page.get_by_role("navigation", name="My views").get_by_role("link", name="Gold").click()
    expect(page.locator("[data-total]")).to_have_attribute("data-total", str(total))
    page.locator("summary", has_text="My views").click()
    page.get_by_label("Name of the view Gold").fill("Best")
    page.get_by_role("button", name="Rename the view Gold").click()
    expect(page.get_by_role("navigation", name="My views").get_by_role("link", name="Best")).to_be_visible()
    assert SavedView.objects.get().name == "Best"
    context.close()


def test_rows_by_two_levers_lead_to_the_rows_and_stay_with_a_view(sign_in: SignIn, admin: User, run: Run):
    page = sign_in(admin)
    page.goto(f"/runs/{run.code}/results/")
    page.locator("summary", has_text="By two columns").focus()
    page.keyboard.press("Enter")
    for field, typed in (("Down", "Senior tenor"), ("Across", "Senior amortisation"), ("What", "How many")):
        page.get_by_label(field, exact=True).focus()
        page.keyboard.type(typed)
    page.get_by_role("button", name="Show", exact=True).click()
    pivot = page.locator(".pivot")
    expect(pivot.get_by_role("heading")).to_have_text("How many, by senior tenor (years) and senior amortisation")
    counts = pivot.locator("tbody td a")
    expect(counts).to_have_count(6)
    assert sum(int(text) for text in counts.all_inner_texts()) == 144
    view = page.url

    counted = counts.first.inner_text()
    counts.first.click()
    expect(page.locator("[data-total]")).to_have_attribute("data-total", counted)
    expect(page.locator("[data-filter-value]").first).to_have_value("7")
    expect(pivot).to_have_count(0)

    page.goto(view)
    page.locator("summary", has_text="Save this view").click()
    page.get_by_label("Name of the view").focus()
    page.keyboard.type("Tenors")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is saved.")).to_be_visible()
    page.goto(f"/runs/{run.code}/results/")
    page.get_by_role("navigation", name="My views").get_by_role("link", name="Tenors").click()
    expect(pivot).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 800})
    over = pixels_over(page)
    assert over <= 0, f"{over} px too wide"
