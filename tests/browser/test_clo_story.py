"""A month of a CLO: a tape mended, a failing test read to its rows, trades approved by a second person, a date paid, its report."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role, User
from portfolios import demo_documents as documents
from portfolios.access import ANALYST, MANAGER
from portfolios.demo import ensure_demo_deal
from portfolios.models import Deal, PoolSnapshot
from portfolios.queries import latest_pool
from tests import world
from tests.browser.test_portfolio_story import is_sound

SignIn = Callable[[User], Page]


def on_desk(email: str, name: str, role: str) -> User:
    person = world.person(email, name, Role.SPONSOR)
    person.further_roles = [role]
    person.save()
    return person


@pytest.fixture
def deal(live: object, admin: User) -> Deal:
    return ensure_demo_deal(admin)


def faulty_tape(folder: Path) -> Path:
    """Pool A with its first asset moved to Germany, and the spread of the third typed in basis points."""
    rows = list(csv.DictReader(io.StringIO((documents.HERE / "pool_a.csv").read_text())))
    rows[0]["Country"], rows[2]["Coupon Spread"] = "Germany", "475"
    path = folder / "tape.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def pool_of(deal: Deal) -> PoolSnapshot:
    pool = latest_pool(deal)
    assert pool is not None
    return pool


def test_a_month_of_a_clo(deal: Deal, sign_in: SignIn, tmp_path: Path):
    analyst, manager = (
        on_desk("anton@desk.example", "Anton Analyst", ANALYST),
        on_desk("mara@desk.example", "Mara Manager", MANAGER),
    )
    page = sign_in(analyst)
    page.goto(f"/clo/{deal.code}/")
    page.get_by_role("navigation", name="Pages of the deal").get_by_role("link", name="Tapes").click()
    page.get_by_label("Tape", exact=True).set_input_files(faulty_tape(tmp_path))
    page.get_by_label("Sender").fill("Agent")
    page.get_by_label("Determination date").fill("2026-06-30")
    page.get_by_role("button", name="Take in and check").click()
    expect(page.get_by_text("likely basis points")).to_be_visible()
    is_sound(page)
    page.get_by_role("button", name="Apply the tape").click()
    expect(page.get_by_text("Rows 3 are refused: correct them or leave them out with a reason.")).to_be_visible()
    assert pool_of(deal).number == 1
    page.get_by_label("Coupon Spread, row 3", exact=True).fill("0.0475")
    page.get_by_role("button", name="Correct these cells").click()
    expect(page.get_by_text("likely basis points")).to_have_count(0)
    page.get_by_role("button", name="Apply the tape").click()
    expect(page.get_by_text("is taken: 200 assets.")).to_be_visible()
    assert pool_of(deal).content["assets"][2]["coupon_spread"] == "0.0475"

    page.get_by_role("link", name="Not US, Canada or UK").click()
    expect(page.get_by_text("Fail", exact=True).first).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="APA-0001").filter(has_text="Germany")).to_be_visible()
    expect(page.locator("[data-clo-chart=course] svg")).to_be_visible()
    is_sound(page)

    page.goto(f"/clo/{deal.code}/trades/")
    page.get_by_label("Name of a new basket").fill("Out of Germany")
    page.get_by_role("button", name="Make a basket").click()
    page.get_by_label("Side").select_option("sell")
    page.get_by_label("Asset", exact=True).select_option("APA-0001")
    page.get_by_label("Par", exact=True).fill("1,753,521.13")
    page.get_by_label("Price, % of par").fill("99.5")
    page.get_by_role("button", name="Add and try").click()
    expect(page.get_by_text("Holds", exact=True)).to_be_visible()
    is_sound(page)
    page.get_by_role("button", name="Submit for approval").click()
    expect(page.get_by_text("Waits for a second person who may approve.")).to_be_visible()
    address = page.url

    page.context.clear_cookies()
    page = sign_in(manager)
    page.goto(address)
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name="Book as the next pool").click()
    expect(page.get_by_text("is the deal's pool now.")).to_be_visible()
    assert pool_of(deal).number == 3

    page.get_by_role("navigation", name="Pages of the deal").get_by_role("link", name="Payment date").click()
    page.get_by_role("textbox", name="Administrative expenses").fill("40,000")
    page.get_by_role("button", name="Work out again").click()
    page.get_by_role("link", name="A interest, paid").click()
    expect(page.get_by_text("rate x day fraction")).to_be_visible()
    expect(page.get_by_role("textbox", name="Administrative expenses")).to_have_value("40,000")
    is_sound(page)
    page.get_by_role("button", name="Book the payment date").click()
    expect(page.get_by_text("is booked.")).to_be_visible()
    with page.expect_download() as told:
        page.get_by_role("link", name="Report, Excel").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(told.value.path()).read_bytes()))
    paid = {row[1].value: row[3].value for row in book["Payment"].iter_rows()}
    assert deal.payments_made.get().closing["lines"][0]["what"] in paid
    assert str(paid["Paid in all"]).startswith("=SUM(D")
