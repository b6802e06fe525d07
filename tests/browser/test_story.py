"""The main job, as an administrator does it: start a run, watch it, open the best, compare, take it away."""

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
from openpyxl import load_workbook
from playwright.sync_api import Download, Page, expect

from accounts.models import User
from engine.permutations import DEFAULT_LEVERS
from jobs.models import JobState
from permutations.models import Run
from projects.models import Project

SignIn = Callable[[User], Page]
FINISHED_MS = 180_000


def number(text: str | None) -> int:
    """12,345 as 12345."""
    return int(re.sub(r"[^\d]", "", text or "") or 0)


def saved(download: Download, folder: Path) -> Path:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path


def test_from_sign_in_to_the_workbook(sign_in: SignIn, admin: User, project: Project, tmp_path: Path):
    page = sign_in(admin)
    page.get_by_role("link", name=project.title).click()
    expect(page.get_by_role("heading", name=project.title)).to_be_visible()
    expect(page.locator("[data-kpis]")).to_contain_text("40.0 MW")

    page.get_by_role("link", name="New run").first.click()
    expect(page.locator("[data-space-size]")).to_have_text(f"{DEFAULT_LEVERS.size:,}")
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile("/runs/"))

    done = page.locator('[data-progress="done_count"]')
    seen: set[int] = set()
    while len(seen) < 3 and page.locator('[data-state="done"]').count() == 0:
        said = done.all_text_contents()
        seen.add(number(said[0]) if said else -1)
        page.wait_for_timeout(100)
    assert len(seen) > 1, "the progress did not move"
    expect(page.locator('[data-state="done"]')).to_be_visible(timeout=FINISHED_MS)
    run = Run.objects.get()
    assert run.state == JobState.DONE
    for tier in ("Diamond", "Gold", "Silver", "Bronze"):
        expect(page.locator(".tier", has_text=tier).first).to_be_visible()
    expect(page.locator('[data-chart="histogram"] svg')).to_be_visible()
    expect(page.locator('[data-chart="scatter"] svg')).to_be_visible()

    page.get_by_role("link", name="Open the best").click()
    expect(page.locator("h1")).to_contain_text("Financing")
    expect(page.locator("section", has=page.get_by_role("heading", name="Where it was found"))).to_contain_text(
        f"{run.summary['best']['index']:,}"
    )
    for chart in ("dscr", "cash", "balances"):
        expect(page.locator(f'[data-chart="{chart}"] svg')).to_be_visible()
    expect(page.locator(".heat tbody td")).to_have_count(36)
    page.get_by_text("Every month").click()
    expect(page.locator('[data-table="months"] tbody tr')).to_have_count(27 * 12)
    page.locator(".tree > summary", has_text="Day-one value").click()
    expect(page.get_by_text("senior + mezzanine + equity proceeds").first).to_be_visible()

    page.goto(f"/runs/{run.code}/results/")
    page.locator("[data-filter-column]").first.select_option("tier")
    page.locator('[name="filter-operator"]').first.select_option("=")
    page.locator("[data-filter-value]").first.fill("Diamond")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("[data-total]")).to_have_attribute("data-total", str(run.summary["tiers"]["Diamond"]))

    rows = run.summary["tiers"]["Diamond"]
    files = {}
    for kind in ("csv", "parquet", "excel"):
        page.get_by_text("Export").click()
        with page.expect_download() as download:
            page.locator(f'[data-export="{kind}"]').click()
        files[kind] = saved(download.value, tmp_path)
        page.keyboard.press("Escape")
    assert len(files["csv"].read_text().splitlines()) == rows + 1
    assert pq.read_table(files["parquet"]).num_rows == rows
    with closing(load_workbook(files["excel"], read_only=True)) as book:
        assert sum(1 for _ in book["Results"].iter_rows()) == rows + 1

    picks = page.locator("[data-pick]")
    for at in range(3):
        picks.nth(at).check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare 3 financings")).to_be_visible()
    expect(page.locator(".is-different").first).to_be_visible()


def test_a_cancelled_run_goes_on(sign_in: SignIn, admin: User, project: Project):
    page = sign_in(admin)
    page.goto(f"/projects/{project.code}/runs/new/")
    page.get_by_role("button", name="Start the run").click()
    page.get_by_role("button", name="Cancel the run").click()
    expect(page.get_by_text("Its finished part is kept").first).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.locator('[data-state="done"]')).to_be_visible(timeout=FINISHED_MS)
    run = Run.objects.get()
    assert run.done_count == run.evaluated_count


def test_without_a_stream_the_page_asks(sign_in: SignIn, admin: User, project: Project):
    page = sign_in(admin)
    page.route("**/stream/", lambda route: route.abort())
    page.goto(f"/projects/{project.code}/runs/new/?preset=balanced")
    page.get_by_role("button", name="Start the run").click()
    expect(page.locator('[data-state="done"]')).to_be_visible(timeout=FINISHED_MS)


def test_a_reader_sees_but_starts_nothing(sign_in: SignIn, internal: User, run: Run):
    page = sign_in(internal)
    page.goto(f"/projects/{run.project.code}/")
    expect(page.get_by_role("link", name="New run")).to_have_count(0)
    expect(page.get_by_role("link", name="Edit")).to_have_count(0)
    page.goto(f"/runs/{run.code}/")
    expect(page.get_by_role("link", name="Open the best")).to_be_visible()


def test_an_outsider_finds_nothing(sign_in: SignIn, other_sponsor: User, run: Run):
    page = sign_in(other_sponsor)
    expect(page.get_by_text("No projects yet")).to_be_visible()
    for path in (f"/projects/{run.project.code}/", f"/runs/{run.code}/", f"/runs/{run.code}/results/"):
        page.goto(path)
        expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
