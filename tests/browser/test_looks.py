"""What every page owes its reader: room at any width, both themes, the whole of it by keyboard."""

import re
from collections.abc import Callable
from typing import Literal

from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from permutations.models import Run
from tests.browser.room import pixels_over
from tests.stack import Platform

SignIn = Callable[[User], Page]
# From wide to narrow, so that whatever a script measured at first is held against less room.
WIDTHS: tuple[tuple[int, Literal["light", "dark"]], ...] = (
    (2560, "light"),
    (1440, "dark"),
    (768, "dark"),
    (360, "light"),
)


def paths(run: Run) -> list[str]:
    best, other = run.summary["best"]["index"], run.summary["points"]["rows"][-1][0]
    return [
        "/projects/",
        "/projects/new/",
        f"/projects/{run.project.code}/",
        f"/projects/{run.project.code}/edit/",
        f"/projects/{run.project.code}/runs/new/",
        f"/runs/{run.code}/",
        f"/runs/{run.code}/results/",
        f"/runs/{run.code}/permutations/{best}/",
        f"/runs/{run.code}/compare/?index={best}&index={other}",
    ]


def test_nothing_runs_over_the_edge(sign_in: SignIn, admin: User, run: Run):
    page = sign_in(admin)
    for path in paths(run):
        page.goto(path)
        for width, theme in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            over = pixels_over(page)
            wide = page.evaluate(
                """() => [...document.querySelectorAll('main *:not(svg *)')]
                    .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
                    .map((e) => `${e.tagName}.${e.className}`)"""
            )
            assert over <= 0, f"{path} is {over} px too wide at {width} px: {wide[:12]}"
            clipped = page.evaluate(
                """() => [...document.querySelectorAll('.kpi__value, .button, .badge, .table .is-number')]
                    .filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflow !== 'visible')
                    .map((e) => e.textContent.trim())"""
            )
            assert not clipped, f"{path} cuts {clipped[:3]} at {width} px"


def test_the_theme_is_the_readers_choice(sign_in: SignIn, admin: User, run: Run):
    page = sign_in(admin)
    page.emulate_media(color_scheme="light")
    page.goto(f"/runs/{run.code}/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    with page.expect_response(re.compile(reverse("account-theme"))):  # the choice is kept before the page is read again
        page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_by_keyboard_alone(sign_in: SignIn, admin: User, run: Run):
    page = sign_in(admin)
    page.goto(f"/runs/{run.code}/results/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()

    page.get_by_role("link", name="Senior debt").focus()
    page.keyboard.press("Enter")
    expect(page.locator('[aria-sort="descending"]')).to_contain_text("Senior debt")
    for at in range(2):
        page.locator("[data-pick]").nth(at).focus()
        page.keyboard.press("Space")
    page.locator("[data-pick-send]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Compare 2 financings")).to_be_visible()

    account = page.locator("summary", has_text=admin.full_name)
    account.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(account).to_be_focused()
    page.keyboard.press("Enter")
    for _ in ("jobs", "help", "preferences", "security", "administration", "operations", "audit trail", "sign out"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_at_most_six_are_compared(sign_in: SignIn, admin: User, run: Run):
    page = sign_in(admin)
    page.goto(f"/runs/{run.code}/results/")
    expect(page.locator("[data-pick-send]")).to_be_disabled()
    for at in range(6):
        page.locator("[data-pick]").nth(at).check()
    expect(page.locator("[data-pick]").nth(7)).to_be_disabled()


def test_ticks_and_the_table_are_kept_while_one_looks_around(sign_in: SignIn, admin: User, run: Run):
    page = sign_in(admin)
    page.goto(f"/runs/{run.code}/results/?size=25")
    for at in range(2):
        page.locator("[data-pick]").nth(at).check()
    first = page.locator("[data-pick]").first.get_attribute("value")
    page.get_by_role("link", name="Next").click()
    expect(page.locator("[data-pick-note]")).to_contain_text("2 of at most 6 ticked, 2 on other pages")
    page.locator("[data-pick]").first.check()
    left = page.url
    page.locator("[data-pick]").first.locator("xpath=ancestor::th").get_by_role("link").click()
    page.get_by_role("link", name="Results", exact=True).click()
    expect(page).to_have_url(left)
    page.locator("[data-pick-send]").click()
    expect(page.get_by_role("heading", name="Compare 3 financings")).to_be_visible()
    page.goto(f"/runs/{run.code}/results/?size=25")
    expect(page.locator(f'[data-pick][value="{first}"]')).to_be_checked()
    page.get_by_role("button", name="Untick all").click()
    expect(page.locator(f'[data-pick][value="{first}"]')).not_to_be_checked()


def test_keys_find_and_explain(sign_in: SignIn, admin: User, run: Run):
    page = sign_in(admin)
    page.goto("/runs/")
    page.keyboard.press("/")
    page.wait_for_url(re.compile("/search/"))
    page.keyboard.type("harbour")
    expect(page.locator("#found").get_by_role("link", name="Harbour campus").first).to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("?")
    page.wait_for_url(re.compile("/help/"))
    expect(page.get_by_text("Debt service coverage ratio")).to_be_visible()


def test_the_administration_wears_the_portals_bar(sign_in: SignIn, admin: User, run: Run):
    page = sign_in(admin)
    for path in ("/admin/", "/admin/accounts/user/", "/admin/projects/submission/"):
        page.goto(path)
        for width, _ in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            over = pixels_over(page)
            assert over <= 0, f"{path} is {over} px too wide at {width} px"
        expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Runs")).to_be_visible()
        expect(page.get_by_role("banner").get_by_role("link", name="Notifications")).to_be_visible()


def test_a_refused_sign_in_says_why(page: Page, sponsor: User):
    page.goto("/sign-in/")
    page.get_by_label("E-mail").fill(sponsor.email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Wrong e-mail or password")
    expect(page.get_by_label("E-mail")).to_have_value(sponsor.email)


def test_old_addresses_of_fragments_lead_to_the_sign_in(browser: Browser, live: Platform, project: object):
    context = browser.new_context(base_url=live.url)
    answer = context.request.get("/projects/", headers={"HX-Request": "true"}, max_redirects=0)
    assert answer.headers["hx-redirect"] == "/sign-in/"
    context.close()
