"""Stress as a person works with it: a set of one's own, the permutation under it, shared; then a simulation by a worker."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import User
from financings.models import Simulation
from jobs.models import JobState
from permutations.models import Run
from ratings.models import ScenarioSet

SignIn = Callable[[User], Page]
WORKED_MS = 120_000


def test_a_set_of_ones_own_is_made_run_and_shared(sign_in: SignIn, sponsor: User, internal: User, run: Run):
    page = sign_in(sponsor)
    page.goto("/scenarios/new/")
    page.get_by_label("Name", exact=True).first.fill("Slow start")
    page.locator('[name="1-name"]').fill("Late and half let")
    page.locator('[name="1-delay_months"]').fill("12")
    page.locator('[name="1-vacancy_ratio"]').fill("150")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator(".field__error").first).to_contain_text("expected")
    page.locator('[name="1-vacancy_ratio"]').fill("50")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_role("heading", name="Slow start")).to_be_visible()
    scenario_set = ScenarioSet.objects.get()

    index = run.summary["best"]["index"]
    page.goto(f"/runs/{run.code}/permutations/{index}/stress/")
    expect(page.locator("table.scenarios tbody tr")).to_have_count(36)
    expect(page.locator('[data-chart="tornado"] svg')).to_be_visible()
    expect(page.locator("table.heat tbody td")).to_have_count(49)
    expect(page.locator("section", has=page.get_by_role("heading", name="How far until it breaks"))).to_contain_text(
        "Vacancy"
    )
    expect(page.get_by_role("heading", name="Where the run's ratings go")).to_be_visible()

    page.locator("#set").select_option(str(scenario_set.code))
    page.get_by_label("Heat map across").select_option("delay")
    page.get_by_role("button", name="Show", exact=True).click()
    rows = page.locator("table.scenarios tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text("Late and half let")
    expect(page.locator("section", has=page.locator("table.heat"))).to_contain_text("Construction later by across")

    page.goto(f"/scenarios/{scenario_set.code}/")
    page.get_by_role("button", name="Share with everybody").click()
    expect(page.get_by_role("button", name="Stop sharing")).to_be_visible()
    page.context.clear_cookies()
    page = sign_in(internal)
    page.goto(f"/runs/{run.code}/permutations/{index}/stress/?set={scenario_set.code}")
    expect(page.locator("table.scenarios tbody tr").last).to_contain_text("Late and half let")
    page.goto(f"/scenarios/{scenario_set.code}/")
    expect(page.get_by_role("button", name="Save")).to_have_count(0)


def test_a_simulation_goes_through_the_queue_to_a_worker(sign_in: SignIn, sponsor: User, run: Run):
    page = sign_in(sponsor)
    index = run.summary["best"]["index"]
    page.goto(f"/runs/{run.code}/permutations/{index}/stress/")
    page.get_by_role("link", name="Simulate").click()
    page.get_by_role("textbox", name="Paths").fill("2000")
    page.get_by_role("button", name="Simulate").click()
    page.wait_for_url(re.compile("/simulations/"))
    expect(page.locator('[data-chart="fan"] svg')).to_be_visible(timeout=WORKED_MS)
    made = Simulation.objects.get()
    assert (made.state, made.done_count, made.parts.get().attempts) == (JobState.DONE, 2_000, 1)
    assert made.summary["paths"] == 2_000
    expect(page.locator("main")).to_contain_text("Lowest DSCR, mean")
    page.goto(f"/runs/{run.code}/permutations/{index}/compliance/")
    expect(page.get_by_role("heading", name="Simulation")).to_be_visible()
