"""A stranger's way in, as both sides of the desk see it."""

import re
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from accounts.services.one_time_password import current_code
from tests.conftest import type_credentials
from tests.stack import Platform
from tests.world import PASSWORD

EMAIL = "nora@sponsor.example"


def link_in_mail(path: str) -> str:
    """The address of such a page in the letters the platform wrote, the newest first."""
    letters = sorted(Path(settings.ATLASNEXUS_DATA_DIR, "mail").iterdir(), key=lambda each: each.stat().st_mtime)
    found = [match[0] for each in letters for match in re.finditer(rf"http://\S+{path}[^\s\"<]+", each.read_text())]
    return found[-1]


def test_from_stranger_to_sponsor(sign_in: Callable[[User], Page], admin: User, browser: Browser, live: Platform):
    stranger = browser.new_context(base_url=live.url).new_page()
    stranger.goto("/")
    stranger.get_by_role("link", name="Register").click()
    stranger.get_by_label("Full name").fill("Nora Newcomer")
    stranger.get_by_label("E-mail").fill(EMAIL)
    stranger.get_by_label("Password").fill(PASSWORD)
    stranger.get_by_label("Why do you want an account?").fill("To finance a campus.")
    stranger.get_by_role("button", name="Agree and register").click()
    expect(stranger.get_by_role("heading", name="Confirm your e-mail")).to_be_visible()
    stranger.goto(link_in_mail("/confirm-email/"))
    stranger.get_by_role("button", name="Yes, confirm it").click()
    expect(stranger.get_by_role("heading", name="An administrator decides next")).to_be_visible()

    desk = sign_in(admin)
    desk.goto("/admin/accounts/user/")
    desk.get_by_role("link", name="Waiting for a decision").click()
    desk.locator("tr", has_text=EMAIL).get_by_role("checkbox").check()
    desk.locator('select[name="action"]').select_option("approve")
    desk.get_by_role("button", name="Go").click()
    expect(desk.get_by_text("To finance a campus.")).to_be_visible()
    desk.get_by_label("Sponsor").check()
    desk.get_by_role("button", name="Approve").click()
    expect(desk.get_by_text(f"Approved: {EMAIL}")).to_be_visible()

    nora = User.objects.get(email=EMAIL)
    type_credentials(stranger, nora)
    expect(stranger.locator("summary", has_text="Nora Newcomer")).to_be_visible()
    stranger.locator("summary", has_text="Nora Newcomer").click()
    stranger.get_by_role("link", name="Security").click()
    stranger.get_by_role("link", name="Set up").click()
    image = stranger.locator(".enrol__code")
    expect(image).to_have_js_property("complete", True)
    assert image.evaluate("image => image.naturalWidth") > 0
    secret = stranger.locator(".enrol__secret").inner_text()
    stranger.get_by_role("textbox", name="One-time code").fill(current_code(secret))
    stranger.get_by_role("button", name="Switch it on").click()
    expect(stranger.locator(".codes li")).to_have_count(10)
    stranger.locator("summary", has_text="Nora Newcomer").click()
    stranger.get_by_role("button", name="Sign out").click()
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
    type_credentials(stranger, nora)
    stranger.goto("/account/preferences/")
    stranger.get_by_label("Time zone").select_option("Asia/Tokyo")
    stranger.get_by_label("1.234,5").check()
    stranger.get_by_role("button", name="Save").click()
    expect(stranger.get_by_text("(JST)")).to_be_visible()
    stranger.context.close()


def test_a_new_password_is_measured_and_can_be_shown(page: Page):
    page.goto("/register/")
    field = page.get_by_label("Password", exact=True)
    said = page.locator("[data-password-strength]")
    for typed, words in (
        ("short", "Too short"),
        ("aaaaaaaaaaaaaaaa", "Weak"),
        ("abcdefghijklmnop", "Weak"),
        ("quay lantern walrus forty", "Strong"),
    ):
        field.fill(typed)
        expect(said).to_contain_text(words)
    expect(field).to_have_attribute("type", "password")
    page.get_by_role("button", name="Show password").click()
    expect(field).to_have_attribute("type", "text")
    expect(page.get_by_role("button", name="Show password")).to_have_attribute("aria-pressed", "true")


def test_signing_out_empties_the_tab(sign_in: Callable[[User], Page], sponsor: User):
    page = sign_in(sponsor)
    page.evaluate("sessionStorage.setItem('atlas-unkept:somebody:/projects/', '[[\"title\", \"Quay\"]]')")
    page.locator("summary", has_text="Sofia Sponsor").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in/")
    assert page.evaluate("sessionStorage.length") == 0
