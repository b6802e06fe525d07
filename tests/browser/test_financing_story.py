"""One financing typed by hand: refused at its field, opened, compared, its pack made; no run anywhere."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import User
from documents.models import Pack
from financings.models import Financing
from permutations.models import Run
from projects.models import Project

SignIn = Callable[[User], Page]
MADE_MS = 120_000


def test_typed_opened_and_packed(sign_in: SignIn, admin: User, project: Project) -> None:
    page = sign_in(admin)
    page.goto(f"/projects/{project.code}/")
    page.get_by_role("link", name="Type one financing").click()
    page.get_by_label("Name", exact=True).fill("House view")
    page.get_by_label("Senior DSCR").fill("0.5")
    page.get_by_role("button", name="Open the financing").click()
    expect(page.locator(".field__error").first).to_contain_text("Senior DSCR: expected 1 to 3")
    page.get_by_label("Senior DSCR").fill("1.35")
    page.get_by_label("Senior coupon").fill("4.5")
    page.get_by_role("button", name="Open the financing").click()
    expect(page.get_by_role("heading", name="House view", level=1)).to_be_visible()
    expect(page.get_by_text("In no run")).to_be_visible()
    expect(page.locator('[data-chart="dscr"] svg')).to_be_visible()
    made = Financing.objects.get()
    assert (made.title, made.choice["senior_coupon_rate"]) == ("House view", 0.045)

    page.get_by_role("link", name="Execution pack").click()
    page.get_by_label("Organisation").fill("Harbour Bank")
    page.get_by_role("button", name="Make the execution pack").click()
    # Its coupon lies inside the market: a draft may be made, and the page says why no more.
    expect(page.get_by_role("button", name="Issue…")).to_be_disabled(timeout=MADE_MS)
    expect(page.locator("#not-issuable")).to_be_visible()
    pack = Pack.objects.get()
    assert (pack.financing, set(pack.origin), Run.objects.exists()) == (made, {"financing"}, False)

    page.goto(f"/financings/{made.code}/")
    page.get_by_role("link", name="Type another from it").click()
    expect(page.get_by_label("Senior coupon")).to_have_value("4.5")
    page.get_by_label("Equity IRR target").fill("18")
    page.get_by_role("button", name="Open the financing").click()
    page.wait_for_url(re.compile(r"/financings/[0-9a-f-]{36}/$"))
    page.goto(f"/projects/{project.code}/financings/")
    for pick in page.locator("[data-pick]").all():
        pick.check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare 2 financings")).to_be_visible()
    expect(page.locator(".is-different", has_text="Equity IRR target")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename == "comparison.xlsx"
