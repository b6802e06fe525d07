"""Two runs ticked in the list, compared, kept under a name, and opened by its link by somebody else."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import User
from jobs.work import work
from permutations.models import Run, RunComparison
from permutations.services.request_run import request_run
from tests.browser.room import pixels_over


def test_two_runs_are_compared_and_kept(run: Run, admin: User, sponsor: User, sign_in: Callable[[User], Page]) -> None:
    levers = {"axes": {**run.lever_set["axes"], "senior_dscr": [1.6]}}
    other = request_run(by=admin, project=run.project, levers=levers, enqueue=False)
    work(other.code)
    page = sign_in(sponsor)
    page.goto("/runs/")
    for code in (run.code, other.code):
        page.locator(f'input[value="{code}"]').focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare 2 runs")).to_be_visible()
    expect(page.get_by_role("row", name="Senior DSCR").first).to_contain_text("1.6x")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("Cover of 1.6x")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Cover of 1.6x")).to_be_visible()
    page.get_by_label("Only rows that differ").check()
    expect(page.get_by_role("row", name="Seed")).to_be_hidden()
    assert pixels_over(page) == 0
    page.set_viewport_size({"width": 360, "height": 740})
    assert pixels_over(page) == 0

    kept = RunComparison.objects.get()
    page.context.clear_cookies()
    page = sign_in(admin)
    page.goto(f"/runs/comparisons/{kept.code}/")
    expect(page.get_by_role("heading", name="Cover of 1.6x")).to_be_visible()
    expect(page.get_by_role("button", name="Drop this comparison")).to_have_count(0)
