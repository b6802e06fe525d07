"""A pack as an administrator makes and sends it, and a bank without an account takes it away."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from documents.archive import MANIFEST
from documents.models import Pack
from permutations.models import Run
from tests.stack import Platform

SignIn = Callable[[User], Page]
MADE_MS = 120_000


def test_from_the_permutation_to_the_bank(
    sign_in: SignIn, admin: User, run: Run, browser: Browser, live: Platform, tmp_path: Path
) -> None:
    page = sign_in(admin)
    best = run.top_results.order_by("rank")[0].permutation_index
    page.goto(f"/runs/{run.code}/permutations/{best}/")
    page.get_by_role("link", name="Execution pack").click()
    page.get_by_label("Organisation").fill("Harbour Bank")
    page.get_by_role("button", name="Make the execution pack").click()
    expect(page.get_by_role("link", name="Issue…")).to_be_visible(timeout=MADE_MS)
    rows = page.locator("table.documents tbody tr")
    assert rows.count() == page.locator('tr[data-state="done"]').count() > 3

    page.get_by_role("link", name="Term sheet: senior secured notes", exact=True).click()
    with page.expect_response(re.compile("/view/")) as shown:
        page.reload()
    assert shown.value.headers["content-type"] == "application/pdf"
    assert shown.value.headers["x-frame-options"] == "SAMEORIGIN"
    expect(page.get_by_title("Term sheet: senior secured notes")).to_be_visible()

    page.get_by_role("link", name="Draft pack").click()
    page.get_by_role("link", name="Issue…").click()
    expect(page.get_by_text("neither the documents nor their hashes can change")).to_be_visible()
    page.get_by_role("button", name="Issue the pack").click()
    expect(page.get_by_role("heading", name="Links for people without an account")).to_be_visible(timeout=MADE_MS)
    pack = Pack.objects.get()
    assert pack.is_issued
    page.get_by_label("For whom").fill("Quay Bank")
    page.get_by_role("button", name="Make a link").click()
    address = page.get_by_label("Address of the link for Quay Bank").input_value()

    context = browser.new_context()
    stranger = context.new_page()
    stranger.goto(address)
    expect(stranger.get_by_role("heading", name=f"Execution pack {pack.number}")).to_be_visible()
    with stranger.expect_download() as download:
        stranger.get_by_role("link", name="Download all (ZIP)").click()
    download.value.save_as(tmp_path / "pack.zip")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "pack.zip").read_bytes())) as archive:
        manifest = archive.read(MANIFEST)
        assert hashlib.sha256(manifest).hexdigest() == pack.manifest_hash
        for each in json.loads(manifest)["files"]:
            assert hashlib.sha256(archive.read(each["file"])).hexdigest() == each["sha256"]

    page.get_by_role("button", name="Take back the link for Quay Bank").click()
    expect(page.get_by_text("Taken back").first).to_be_visible()
    stranger.reload()
    expect(stranger.get_by_role("heading", name="This link has ended")).to_be_visible()
    context.close()
