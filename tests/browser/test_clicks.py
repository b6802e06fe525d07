"""How many clicks lie between a stranger's registration and the pack that a bank receives."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from accounts.models import User
from documents.models import Pack
from jobs.models import JobState
from permutations.models import Run
from ratings.services import seed_market_sets, seed_rule_sets
from tests.browser.test_accounts import EMAIL, link_in_mail
from tests.projects.cast import quick_data
from tests.stack import Platform
from tests.world import PASSWORD

SignIn = Callable[[User], Page]
MOST_CLICKS = 14
WORKED_MS = 180_000


class Clicks:
    """Every press of the pointer on a page, every answer to a question of the browser, every link followed in a letter."""

    def __init__(self) -> None:
        self.on: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        context.expose_binding("pressed", lambda _, what: self.on.append(what))
        context.add_init_script(
            "addEventListener('pointerdown', event => event.isTrusted && pressed(event.target.innerText || ''), true)"
        )
        context.on("dialog", self._yes)

    def follow(self, page: Page, address: str) -> None:
        self.on.append("link of a letter")
        page.goto(address)

    def _yes(self, dialog: Dialog) -> None:
        self.on.append(f"OK: {dialog.message}")
        dialog.accept()


def type_into(page: Page, data: dict[str, str]) -> None:
    """Fills a form from the keyboard, field by field."""
    for name, value in data.items():
        field = page.locator(f'[name="{name}"]')
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        elif field.get_attribute("type") == "date":
            year, month, day = value.split("-")
            field.press_sequentially(f"{month}{day}{year}")
        else:
            field.press("ControlOrMeta+a")  # over what a region fills in
            field.press_sequentially(value)


@pytest.fixture
def clicks() -> Clicks:
    return Clicks()


def test_from_registration_to_the_issued_pack(
    sign_in: SignIn, admin: User, browser: Browser, live: Platform, clicks: Clicks
) -> None:
    seed_rule_sets()
    seed_market_sets()
    desk = sign_in(admin)  # he is at his desk already
    clicks.watch(desk.context)
    nora = browser.new_context(base_url=live.url, viewport={"width": 1440, "height": 900}).new_page()
    clicks.watch(nora.context)

    nora.goto("/register/")
    nora.get_by_label("Full name").press_sequentially("Nora Newcomer")
    nora.get_by_label("E-mail").press_sequentially(EMAIL)
    nora.get_by_label("Password").press_sequentially(PASSWORD)
    nora.get_by_label("Why do you want an account?").press_sequentially("To finance a campus.")
    nora.get_by_role("button", name="Agree and register").click()
    expect(nora.get_by_role("heading", name="Confirm your e-mail")).to_be_visible()
    clicks.follow(nora, link_in_mail("/confirm-email/"))
    nora.get_by_role("button", name="Yes, confirm it").click()
    expect(nora.get_by_role("heading", name="An administrator decides next")).to_be_visible()

    desk.goto("/")
    desk.get_by_role("button", name="Approve as sponsor: Nora Newcomer").click()
    expect(desk.get_by_role("button", name="Approve as sponsor: Nora Newcomer")).to_have_count(0)

    nora.goto("/sign-in/")
    nora.get_by_label("E-mail").press_sequentially(EMAIL)
    nora.get_by_label("Password").press_sequentially(PASSWORD)
    nora.get_by_role("button", name="Sign in").click()
    nora.get_by_role("link", name="New project").first.click()
    type_into(nora, quick_data())
    nora.get_by_role("button", name="Create and submit for review").click()
    expect(nora.get_by_text("Saved, and submitted")).to_be_visible()
    nora.context.close()

    desk.reload()
    desk.get_by_role("button", name=re.compile("^Approve: ")).click()
    desk.get_by_role("button", name="Start a run").click()
    expect(desk.locator('[data-state="done"]')).to_be_visible(timeout=WORKED_MS)
    assert Run.objects.get().state == JobState.DONE
    desk.get_by_role("button", name="Draft pack of the best").click()
    desk.get_by_role("link", name="Issue…").click(timeout=WORKED_MS)
    desk.get_by_role("button", name="Issue the pack").click()
    expect(desk.get_by_role("heading", name="Links for people without an account")).to_be_visible(timeout=WORKED_MS)
    assert Pack.objects.get().is_issued
    assert len(clicks.on) >= 12, "pressing is not counted"
    assert len(clicks.on) <= MOST_CLICKS, clicks.on
