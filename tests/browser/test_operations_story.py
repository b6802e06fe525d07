"""Whoever runs the platform sees what failed and which thresholds are crossed, and has it done again."""

from collections.abc import Callable

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from accounts.models import User
from jobs.claims import fail
from jobs.models import Job, JobState
from operations.alerts import limit_of
from permutations.models import Run
from permutations.services.request_run import request_run
from projects.models import Project
from tests.browser.conftest import SMALL
from tests.browser.test_accessibility import OPTIONS, violations

SignIn = Callable[[User], Page]
DONE_MS = 120_000


def test_a_failed_run_is_seen_tried_again_and_done(sign_in: SignIn, admin: User, project: Project) -> None:
    run: Run = request_run(by=admin, project=project, levers=SMALL, enqueue=False)
    fail(run, "The disk was full.")
    page = sign_in(admin)
    page.goto("/operations/")
    failed = page.get_by_role("region", name="Failed")
    expect(failed.get_by_text("The disk was full.")).to_be_visible()
    expect(page.get_by_text(f"limit {limit_of('memory_ratio'):.0%}")).to_be_visible()  # in its place beside the value
    page.evaluate(AXE_SCRIPT)
    assert violations(page, OPTIONS) == []

    page.get_by_role("button", name="Try those chosen again").click()
    expect(page.get_by_text("No job was chosen")).to_be_visible()
    failed.get_by_role("checkbox").check()
    page.get_by_role("button", name="Try those chosen again").click()
    expect(page.get_by_text("Taken up again: 1.")).to_be_visible()
    expect(failed.get_by_text("No job failed.")).to_be_visible()

    page.goto(f"/runs/{run.code}/")
    expect(page.locator('[data-state="done"]')).to_be_visible(timeout=DONE_MS)
    assert Job.objects.get(code=run.code).state == JobState.DONE
