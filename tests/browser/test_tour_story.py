"""The tour of the start page: by keys alone, left, taken again."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import User
from tests.stack import Platform

SignIn = Callable[[User], Page]


def test_by_keys_left_and_taken_again(sign_in: SignIn, other_sponsor: User, live: Platform):
    page = sign_in(other_sponsor)
    tour = page.locator("[data-tour]")
    expect(tour.get_by_role("heading", name="Enter a project")).to_be_visible()
    expect(tour.get_by_text("1 of 6")).to_be_visible()
    expect(tour.get_by_role("button", name="Back")).to_be_disabled()
    tour.get_by_role("button", name="Next").focus()
    page.keyboard.press("Enter")
    expect(tour.get_by_role("heading", name="Submit it for review")).to_be_visible()
    expect(page.locator(".bar__nav .is-toured")).to_have_text("Projects")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(tour.get_by_role("heading", name="Find anything")).to_be_visible()
    expect(page.locator("[data-find].is-toured")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(tour.get_by_role("heading", name="Runs and results")).to_be_visible()
    page.keyboard.press("Escape")
    expect(tour).to_have_count(0)
    page.reload()
    expect(tour).to_have_count(0)

    page.keyboard.press("?")
    page.get_by_role("link", name="Take the tour").click()
    expect(tour).to_be_visible()
    tour.get_by_role("button", name="Leave the tour").click()
    expect(tour).to_have_count(0)
    page.goto("/account/preferences/")
    page.get_by_label("Show the tour").check()
    page.get_by_role("button", name="Save").click()
    page.goto("/")
    expect(tour).to_be_visible()
