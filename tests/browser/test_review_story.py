"""The whole life of a project: submitted, approved, run, changed, looked at, approved again, run again."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from permutations.models import Run
from projects.demo import demo_document
from projects.models import Project, SubmissionComment, SubmissionStatus
from projects.services import create_project, submit_project
from ratings.services import seed_market_sets, seed_rule_sets

SignIn = Callable[[User], Page]
FINISHED_MS = 180_000


@pytest.fixture
def fresh(live: object, sponsor: User) -> Project:
    """Sofia's campus, which nobody has reviewed."""
    seed_rule_sets()
    seed_market_sets()
    inputs = demo_document(timezone.localdate())["inputs"]
    return create_project(by=sponsor, title="Harbour campus", inputs=inputs)


def test_from_submission_to_the_second_run(sign_in: SignIn, sponsor: User, admin: User, fresh: Project):
    def become(person: User) -> Page:
        page.context.clear_cookies()
        return sign_in(person)

    page = sign_in(sponsor)
    page.goto(f"/projects/{fresh.code}/")
    expect(page.locator('[data-review="not_submitted"]')).to_be_visible()
    page.get_by_role("link", name="Submit for review").click()
    page.get_by_label("Note to the administrators").fill("Figures from the lease.")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator('[data-review="waiting"]')).to_be_visible()

    become(admin)
    page.goto("/admin/projects/submission/")
    page.locator("#result_list").get_by_role("link", name="Harbour campus").click()
    expect(page.get_by_text("Figures from the lease.")).to_be_visible()
    page.get_by_role("button", name="Approve version 1").click()
    expect(page.get_by_text("version 1: approved.")).to_be_visible()

    page.goto(f"/projects/{fresh.code}/runs/new/?preset=balanced")
    expect(page.get_by_text("Works on version 1 of the inputs")).to_be_visible()
    page.get_by_role("button", name="Start the run").click()
    expect(page.locator('[data-state="done"]')).to_be_visible(timeout=FINISHED_MS)

    become(sponsor)
    page.goto(f"/projects/{fresh.code}/edit/")
    page.locator('[name="revenue__rent_amount"]').fill("100")
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_text("A change request waits for review")).to_be_visible()
    page.get_by_role("link", name="See what changes").click()
    expect(page.locator('[data-path="revenue.rent_amount"]')).to_be_visible()
    expect(page.locator('[data-impact="done"]')).to_be_visible(timeout=FINISHED_MS)
    before, after = (
        int(page.locator(f"[data-passed-{side}]").inner_text().replace(",", "")) for side in ("before", "after")
    )
    assert 0 <= after < before
    request = fresh.submissions.get(status=SubmissionStatus.PENDING)

    become(admin)
    page.goto(f"/admin/projects/submission/{request.pk}/change/")
    expect(page.locator('[data-impact="done"]')).to_be_visible(timeout=FINISHED_MS)
    page.get_by_label("Reason or comment").fill("Agreed with the tenant.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Run again with these inputs").click()
    expect(page.get_by_text("Works on version 2 of the inputs")).to_be_visible()
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile("/runs/"))
    expect(page.locator('[data-state="done"]')).to_be_visible(timeout=FINISHED_MS)
    first, second = Run.objects.order_by("pk")
    assert (first.snapshot.version, second.snapshot.version) == (1, 2)
    assert (first.lever_set, first.terms, first.budget) == (second.lever_set, second.terms, second.budget)


def test_a_comment_on_a_field_is_answered_mended_and_settled(
    sign_in: SignIn, sponsor: User, admin: User, fresh: Project
):
    submission = submit_project(by=sponsor, project=fresh)

    def become(person: User) -> Page:
        page.context.clear_cookies()
        return sign_in(person)

    page = sign_in(admin)
    page.goto(f"/admin/projects/submission/{submission.pk}/change/?about=power.pue#say")
    page.get_by_label("Comment", exact=True).focus()
    page.keyboard.type("Where is this PUE from?")
    page.get_by_role("button", name="Add the comment").click()
    expect(page.get_by_text("Your comment on PUE is kept")).to_be_visible()

    become(sponsor)
    page.goto(f"/projects/{fresh.code}/edit/")
    said = page.locator('[data-field="power__pue"] [data-comment]')
    expect(said).to_contain_text("Where is this PUE from?")
    said.get_by_placeholder("Answer").focus()
    page.keyboard.type("A slip of the key; it is 1.31.")
    page.keyboard.press("Enter")
    expect(page.locator('[data-field="power__pue"] [data-comment]')).to_have_count(2)

    page.locator('[name="power__pue"]').focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("1.31")
    page.keyboard.press("Tab")
    page.locator('[data-field="power__pue"] [data-comment]').first.get_by_role("button", name="Settle").click()
    # What was typed elsewhere stays.
    expect(page.locator('[data-field="power__pue"] [data-comment]')).to_have_count(1)
    expect(page.locator('[name="power__pue"]')).to_have_value("1.31")
    page.locator('[data-field="power__pue"]').get_by_role("button", name="Settle").click()
    expect(page.locator("[data-comment]")).to_have_count(0)
    page.get_by_role("button", name="Save and submit for review").click()
    expect(page.locator('[data-review="waiting"]')).to_be_visible()
    fresh.refresh_from_db()
    assert fresh.inputs["power"]["pue"] == 1.31
    assert not SubmissionComment.objects.filter(settled_at=None).exists()
