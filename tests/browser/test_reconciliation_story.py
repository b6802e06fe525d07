"""A broker changes its file: the mapping follows and is approved, the day is run, the queue worked by keys, a cluster settled."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from reconciliation.models import UNSETTLED, Break, Role
from reconciliation.services.define_reconciliation import define_reconciliation
from reconciliation.services.receive_file import receive_file
from reconciliation.services.seed_reconciliation import seed_reconciliation
from tests.browser.test_portfolio_story import is_sound
from tests.reconciliation.cast import source
from tests.reconciliation.files import content

SignIn = Callable[[User], Page]
PRICE, TRADE_DATE, SAMPLE = "fields.price.path|value", "fields.trade_date.path|value", "tests.1.sample|value"
MOVED = "TRD|000001|ANF0046|00502|ZNU6|(30)|06/15/2026|111-305|06/16/2026|USD"


@pytest.fixture
def desk(live: object, admin: User) -> SimpleNamespace:
    """Both sides of broker C, our own trades of today taken in."""
    seed_reconciliation()
    ours = source(admin, "Our trades with broker C", Role.INTERNAL, "our-listed-trades")
    theirs = source(admin, "Broker C", Role.BROKER, "broker-c-trades", party="C")
    today, held = timezone.localdate(), content("etd_internal_broker_c.csv")
    receive_file(by=admin, source=ours, name="ours.csv", content=held, business_date=today)
    definition = define_reconciliation(by=admin, name="Broker C", what="listed", sources=[ours, theirs])
    return SimpleNamespace(theirs=theirs, definition=definition, today=today)


def moved_file(folder: Path) -> Path:
    """Broker C's day with the columns of price and trade date in each other's place, two of a day earlier."""
    lines = content("broker_c_trades.txt").decode().splitlines()
    rows = [line.split("|") for line in lines]
    for row in rows:
        if row[0] == "TRD":
            row[6], row[7] = row[7], row[6]
            if row[2] in {"ANF0047", "ANF0048"}:
                row[6] = "06/10/2026"
    path = folder / "broker_c_moved.txt"
    path.write_text("\n".join("|".join(row) for row in rows) + "\n")
    return path


def dropped(page: Page, desk: SimpleNamespace, path: Path) -> None:
    page.goto("/reconciliation/files/")
    page.get_by_label("Source").select_option(label="Broker C")
    page.get_by_label("Business day").fill(desk.today.isoformat())
    page.locator("input[type=file][name=file]").set_input_files(path)
    page.get_by_role("button", name="Take in").click()


def to_first(page: Page) -> None:
    """On the first break, once the queue listens to keys."""
    page.wait_for_load_state("load")
    page.keyboard.press("j")
    expect(page.locator("[data-break] a").first).to_be_focused()


def test_a_broker_file_is_mapped_run_and_its_breaks_settled(
    desk: SimpleNamespace, admin: User, second_admin: User, sign_in: SignIn, tmp_path: Path
):
    path = moved_file(tmp_path)
    page = sign_in(admin)
    dropped(page, desk, path)
    expect(page.get_by_text("Refused", exact=True).first).to_be_visible()
    expect(page.get_by_role("heading", name="What could not be read")).to_be_visible()

    page.goto("/reconciliation/mappings/")
    page.get_by_role("region", name="broker-c-trades").get_by_role("link").click()
    page.get_by_role("link", name="Work on it").click()
    page.get_by_role("button", name="Copy as the next version").click()
    page.get_by_role("link", name="Fields", exact=True).click()
    for place, column in ((PRICE, "#8"), (TRADE_DATE, "#7")):
        page.locator(f'[name="{place}"]').fill(column)
    page.get_by_role("button", name="Save the draft").click()
    sample = page.get_by_label("Lines of a file")
    sample.click()
    page.keyboard.press("Control+A")
    page.keyboard.type(MOVED)
    read = page.get_by_role("region", name="The sample as it is read")
    expect(read.get_by_role("cell", name="111.953125")).to_be_visible()
    is_sound(page)
    page.get_by_role("link", name=re.compile("^Tests")).click()
    page.locator(f'[name="{SAMPLE}"]').fill(f"{MOVED}\\nTRL|1|-30")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("link", name="Try it on files that came").click()
    expect(page.get_by_text("0 records before, 7 now")).to_be_visible()
    is_sound(page)
    page.go_back()
    page.get_by_role("button", name="Save and submit for approval").click()
    expect(page.get_by_text("A second administrator decides: Ada Administrator")).to_be_visible()

    page.context.clear_cookies()
    page = sign_in(second_admin)
    page.goto("/notifications/")
    page.get_by_role("link", name=re.compile("waits for your approval")).first.click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".badge", has_text="In force")).to_be_visible()

    page.context.clear_cookies()
    page = sign_in(admin)
    dropped(page, desk, path)
    expect(page.get_by_text("7 records").first).to_be_visible()

    page.goto("/reconciliation/")
    page.get_by_label("Business day").fill(desk.today.isoformat())
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Breaks opened")).to_be_visible()
    is_sound(page)
    page.get_by_role("link", name="Breaks", exact=True).click()
    count = Break.objects.filter(state__in=UNSETTLED).count()
    expect(page.locator("[data-break]")).to_have_count(count)

    to_first(page)
    page.keyboard.press("x")
    page.keyboard.press("t")
    expect(page.locator("[data-break]").first).to_contain_text("Ada Administrator")
    to_first(page)
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Comments")).to_be_visible()
    is_sound(page)

    page.goto("/reconciliation/breaks/")
    page.get_by_text("Breaks that look alike: settle them at once").click()
    page.get_by_label("Reason for all 2").fill("Traded before midnight in Chicago: their day stands")
    page.get_by_role("button", name="Resolve 2", exact=True).click()
    # Above the size from which a second person decides.
    expect(page.locator(".badge", has_text="Second person")).to_have_count(2)
    assert Break.objects.filter(state="proposed", proposed_by=admin).count() == 2

    page.goto("/reconciliation/")
    page.get_by_role("link", name="Broker C").first.click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV", exact=True).click()
    rows = list(csv.DictReader(io.StringIO(taken.value.path().read_text("utf-8-sig"))))
    breaks = [row for row in rows if row["break_types"]]
    assert Counter(row["break_types"] for row in breaks) == {
        "DATE_BREAK": 2, "PRICE_BREAK": 1, "QTY_BREAK": 1, "MISSING_EXTERNAL": 1,
    }  # fmt: skip
    assert sum("broker_c_moved.txt#" in ",".join(row.values()) for row in breaks) == 4  # all but what they did not send
