"""A workbook with two faults, from the upload to the saved project; files dropped on a project."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from projects.models import Project, Status
from tests.projects.workbooks import address, typed

SignIn = Callable[[User], Page]
pytestmark = pytest.mark.browser


def test_two_faults_mended_in_the_form(sign_in: SignIn, other_sponsor: User, tmp_path: Path) -> None:
    workbook = tmp_path / "quay.xlsx"
    workbook.write_bytes(typed("power.pue", "1,9", typed("lease.term_years", 99)))
    page = sign_in(other_sponsor)
    page.locator("summary", has_text="Import").first.click()
    page.get_by_role("link", name="Upload a workbook").first.click()
    page.get_by_label("Choose the workbook, or drop it here").set_input_files(workbook)
    expect(page.locator("[data-chosen]")).to_contain_text("quay.xlsx")
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_role("heading", name="2 cells to correct")).to_be_visible()
    expect(page.get_by_text(f"Inputs!{address('power.pue')}")).to_be_visible()
    expect(page.get_by_text("PUE: expected 0.95 to 1.5, got 1.9.")).to_be_visible()
    expect(page.get_by_text(f"Inputs!{address('lease.term_years')}")).to_be_visible()
    project = Project.objects.get(owner=other_sponsor)
    assert project.status == Status.DRAFT
    page.get_by_role("link", name="Open the form").click()
    page.get_by_label("PUE").fill("1.25")
    page.locator("#id_lease__term_years").fill("25")
    page.get_by_role("button", name="Save the changes").click()
    page.wait_for_url(re.compile(f"/projects/{project.code}/$"))
    project.refresh_from_db()
    assert project.status == Status.ACTIVE
    assert (project.inputs["power"]["pue"], project.inputs["lease"]["term_years"]) == (1.25, 25)


def test_files_are_added_and_refused_one_by_one(
    sign_in: SignIn, sponsor: User, project: Project, tmp_path: Path
) -> None:
    lease, program = tmp_path / "lease.pdf", tmp_path / "appraisal.pdf"
    lease.write_bytes(b"%PDF-1.7\n%%EOF\n")
    program.write_bytes(b"MZ\x90\x00" + bytes(99))
    page = sign_in(sponsor)
    page.goto(f"/projects/{project.code}/files/")
    page.get_by_label("Choose files, or drop them here").set_input_files([lease, program])
    page.get_by_role("button", name="Add the files").click()
    expect(page.get_by_text("lease.pdf was added.")).to_be_visible()
    expect(page.get_by_text("appraisal.pdf was not added.")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="lease.pdf").click()
    assert Path(taken.value.path()).read_bytes() == lease.read_bytes()
