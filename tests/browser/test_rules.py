"""Rules changed by one administrator and approved by another: copy, edit a floor, try it, submit, approve."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import User
from permutations.models import Run
from ratings.models import RuleSet
from ratings.queries import current_rule_set

SignIn = Callable[[User], Page]
FLOOR = "criteria.UK.BBB.dscr_minimum"


def test_a_floor_is_raised_tried_and_approved(sign_in: SignIn, admin: User, second_admin: User, run: Run):
    page = sign_in(admin)
    page.goto(current_rule_set().admin_url())
    page.get_by_role("button", name="Copy as the next version").click()
    page.get_by_role("link", name="UK", exact=True).click()
    cell = page.locator("td", has=page.locator(f'[name="{FLOOR}|value"]'))
    cell.locator(f'[name="{FLOOR}|value"]').fill("1.30")
    cell.locator("summary").click()
    cell.locator("select").select_option("assumption")
    cell.locator("textarea").fill("Credit committee, by hand")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("UK A- asks for less than BBB: DSCR floor, minimum year").first).to_be_visible()
    page.locator(f'[name="{FLOOR}|value"]').fill("1.20")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator("td.is-changed")).to_contain_text("was 1.15x")

    page.get_by_role("link", name="Try it on past runs").click()
    page.get_by_role("button", name="Try the rules").click()
    expect(page.locator('[data-trial="done"]')).to_be_visible()
    expect(page.locator('[data-trial="done"]')).to_contain_text(f"All {run.evaluated_count} permutations of the run")

    draft = RuleSet.objects.get(version=3, family="agency-value")
    page.goto(draft.admin_url())
    page.get_by_role("button", name="Save and submit for approval").click()
    expect(page.get_by_text("A second administrator decides: Ada Administrator")).to_be_visible()
    page.context.clear_cookies()

    page = sign_in(second_admin)
    page.goto("/notifications/")
    page.get_by_role("link", name=re.compile("waits for your approval")).first.click()
    expect(page.locator("main")).to_contain_text("Credit committee, by hand")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".badge", has_text="In force")).to_be_visible()
    assert current_rule_set() == draft
