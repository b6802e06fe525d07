"""A financing becomes notes: proposed, edited, run by a worker, read down to one payment."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import User
from permutations.models import Run
from securitisation.models import NoteStructure
from securitisation.queries import latest_version
from tests.financings.cast import opened


def test_a_financing_is_securitised(run: Run, admin: User, sign_in: Callable[[User], Page]) -> None:
    financing = opened(run)
    page = sign_in(admin)
    page.goto(f"/financings/{financing.code}/")
    page.get_by_role("link", name="Securitise").click()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Harbour campus notes")
    page.get_by_role("button", name="Make the structure").click()
    expect(page.get_by_role("heading", name="Harbour campus notes")).to_be_visible()

    structure = NoteStructure.objects.get()
    page.get_by_role("link", name="Edit").click()
    lines = page.locator("#interest_steps legend")
    before = len(latest_version(structure).content["interest_steps"])
    expect(lines).to_have_count(before)
    page.get_by_role("button", name="Add a step").first.click()
    expect(lines).to_have_count(before + 1)
    page.get_by_role("button", name=f"Remove Step {before + 1}: ").click()
    expect(lines).to_have_count(before)
    clean_up = page.get_by_label("Clean-up call")
    clean_up.fill("a tenth")
    page.get_by_role("button", name="Save as the next version").click()
    expect(page.get_by_text("Clean-up call: expected a number, got a tenth.")).to_be_visible()
    expect(clean_up).to_have_value("a tenth")
    clean_up.fill("5%")
    page.get_by_label("What you changed, and why").fill("An earlier call")
    page.get_by_role("button", name="Save as the next version").click()
    expect(page.get_by_role("link", name="What changed")).to_be_visible()
    assert latest_version(structure).content["clean_up_ratio"] == 0.05

    page.get_by_role("link", name="Run", exact=True).click()
    page.get_by_label("Default rates, CDR").fill("0; 2")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="Classes, base case")).to_be_visible(timeout=120_000)
    expect(page.locator("[data-notes-chart=paid] svg")).to_be_visible()
    expect(page.get_by_role("columnheader", name=re.compile("CDR 2"))).to_have_count(
        len(latest_version(structure).content["classes"])
    )

    page.get_by_role("link", name="Every payment").click()
    page.get_by_label("Payment date").select_option("2")
    expect(page.get_by_text("Payment 2 of")).to_be_visible()
    expect(page.get_by_text("Paid in full.").first).to_be_visible()
