"""Sofia's shelf in the browser: arranged by key and by drag, folded, a project put away and taken back, two versions compared."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import User
from projects.models import Project
from projects.services import create_project, create_series, edit_project, move_project
from tests.projects.cast import put, sound_inputs

SignIn = Callable[[User], Page]


def order(page: Page, series: str) -> list[str]:
    """Titles on a shelf, top down."""
    return page.get_by_role("region", name=series).locator("[data-project] a").all_inner_texts()


def test_a_shelf_is_kept_in_order(sign_in: SignIn, live: object, sponsor: User) -> None:
    north = create_series(by=sponsor, title="North")
    for title in ("Third", "Second", "First"):
        move_project(by=sponsor, project=create_project(by=sponsor, title=title, inputs={}), series=None)
    page = sign_in(sponsor)
    page.goto("/projects/arrange/")
    assert order(page, "In no series") == ["Third", "Second", "First"]
    up = page.get_by_role("button", name="Move First up")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_have_text("“First” is in no series, at place 2.")
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_have_text("“First” is in no series, at place 1.")
    assert order(page, "In no series") == ["First", "Third", "Second"]
    page.get_by_role("combobox", name="Series of Third").select_option("North")
    expect(page.locator("[data-said]")).to_have_text("“Third” is in “North”, at place 1.")
    handle = page.locator("[data-project]", has_text="Second").locator("[data-handle]")
    handle.drag_to(page.locator("[data-project]", has_text="Third"), target_position={"x": 60, "y": 4})
    expect(page.locator("[data-said]")).to_contain_text("“Second” is in “North”")
    assert sorted(order(page, "North")) == ["Second", "Third"]
    assert north.projects.count() == 2
    page.goto("/projects/")
    page.get_by_role("button", name="Fold this series").first.click()
    expect(page.get_by_role("link", name="Third")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("link", name="Third")).to_be_hidden()
    expect(page.get_by_role("link", name="First")).to_be_visible()


def test_a_project_is_put_away_taken_back_and_compared(sign_in: SignIn, live: object, sponsor: User) -> None:
    project = create_project(by=sponsor, title="Quay", inputs=sound_inputs())
    other = create_project(by=sponsor, title="Other", inputs=put(sound_inputs(), "revenue.rent_amount", 121))
    page = sign_in(sponsor)
    page.goto(f"/projects/{project.code}/")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted: Quay.")).to_be_visible()
    expect(page.get_by_role("link", name="Quay", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(re.compile(f"/projects/{project.code}/$"))
    expect(page.get_by_text("Restored: Quay.")).to_be_visible()
    page.goto(f"/projects/{project.code}/compare/")
    expect(page.get_by_text("No input differs")).to_be_visible()
    page.get_by_label("New: project").select_option(str(other.code))
    expect(page.locator(".comparison__sum")).to_contain_text("1 input differs")
    page.get_by_label("Only differences").check()
    expect(page.locator('tr[data-path="revenue.rent_amount"]')).to_contain_text("+6.00 (+5.2%)")
    expect(page.get_by_role("row", name="PUE")).to_have_count(0)
    assert Project.objects.get(pk=project.pk).status == "active"
    edit_project(by=sponsor, project=other, title="Other", inputs=sound_inputs(), version=other.version)
    page.reload()
    expect(page.get_by_text("No input differs")).to_be_visible()
