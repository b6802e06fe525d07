"""Forms that answer while one types, in the browser: a project's figures, the size of a run's space."""

import re
from collections.abc import Callable

from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from engine.permutations import DEFAULT_LEVERS, PRESETS
from permutations.models import Run
from projects.models import Project, ProjectDraft
from tests.conftest import type_credentials
from tests.stack import Platform
from tests.world import PASSWORD

SignIn = Callable[[User], Page]
REPO_FIRST = PRESETS["repo_first"].levers


def size(page: Page, words: str) -> None:
    expect(page.locator(".space__size")).to_have_text(words)


def test_figures_follow_the_keys(sign_in: SignIn, sponsor: User, project: Project):
    page = sign_in(sponsor)
    page.goto(f"/projects/{project.code}/edit/")
    figures = page.locator("#derived-figures")
    expect(figures).to_contain_text("40.00\u00a0MW")
    page.get_by_label("PUE").fill("1.5")
    expect(figures).to_contain_text("32.00\u00a0MW")
    page.get_by_label("PUE").fill("2")
    expect(page.locator('[data-field="power__pue"]')).to_contain_text("expected 0.95 to 1.5, got 2")
    expect(figures).to_contain_text("1 field needs attention")
    page.get_by_label("PUE").fill("0.97")
    expect(figures).to_contain_text("not physical")
    page.get_by_role("button", name="Save the changes").click()
    page.wait_for_url(re.compile(f"/projects/{project.code}/$"))
    expect(page.get_by_text("waiting for review as a change request")).to_be_visible()
    project.refresh_from_db()
    assert project.inputs["power"]["pue"] == 0.97


def test_only_fields_that_matter_are_there(sign_in: SignIn, sponsor: User, project: Project):
    page = sign_in(sponsor)
    page.goto(f"/projects/{project.code}/edit/")
    expect(page.get_by_label("Fixed escalator")).to_be_hidden()
    page.get_by_label("Indexation", exact=True).select_option("fixed")
    expect(page.get_by_label("Fixed escalator")).to_be_visible()
    expect(page.get_by_label("CPI lag")).to_be_hidden()


def test_a_first_project_may_wait_as_a_draft(sign_in: SignIn, other_sponsor: User, live: Platform):
    page = sign_in(other_sponsor)
    page.get_by_role("link", name="New project").first.click()
    page.get_by_label("Title").fill("Quay")
    page.get_by_label("Country").select_option("EU")
    expect(page.get_by_label("Currency", exact=True)).to_have_value("EUR")
    page.get_by_label("Gross facility power").fill("20")
    page.get_by_role("button", name="Create the project").click()
    expect(page.locator(".field__error").first).to_be_visible()
    expect(page.get_by_label("Gross facility power")).to_have_value("20")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_text("This is a draft")).to_be_visible()
    project = Project.objects.get(title="Quay")
    assert project.status == "draft"
    assert project.inputs["power"]["gross_facility_mw"] == 20


def test_somebody_saved_first(sign_in: SignIn, sponsor: User, project: Project):
    page = sign_in(sponsor)
    page.goto(f"/projects/{project.code}/edit/")
    Project.objects.filter(pk=project.pk).update(version=5)
    page.get_by_label("PUE").fill("1.3")
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_role("heading", name="Somebody saved this project after you opened it")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="PUE")
    expect(row.get_by_label("1.3")).to_be_checked()
    project.refresh_from_db()
    assert project.inputs["power"]["pue"] == 1.2
    page.get_by_role("button", name="Save what I chose").click()
    page.wait_for_url(re.compile(f"/projects/{project.code}/$"))
    project.refresh_from_db()
    assert (project.inputs["power"]["pue"], project.version) == (1.3, 6)


def test_all_that_was_typed_is_kept_though_nothing_follows(sign_in: SignIn, other_sponsor: User, live: Platform):
    page = sign_in(other_sponsor)
    page.goto("/projects/new/")
    page.get_by_label("Title").press_sequentially("Autosave probe", delay=20)
    page.keyboard.press("Tab")
    page.keyboard.type("Harbour Data Ltd", delay=20)
    expect(page.locator("#draft-state")).to_contain_text("Saving...")
    expect(page.locator("#draft-state")).to_contain_text("as a draft only you see")
    kept = ProjectDraft.objects.get(person=other_sponsor).typed
    assert kept["title"] == "Autosave probe"
    assert "Harbour Data Ltd" in kept.values()


def test_what_the_server_did_not_take_is_not_called_saved(browser: Browser, other_sponsor: User, live: Platform):
    context = browser.new_context(base_url=live.url, locale="en-GB")
    page = context.new_page()  # its own: the console tells of requests that fail
    type_credentials(page, other_sponsor)
    page.goto("/projects/new/")
    page.route("**/projects/draft/", lambda route: route.abort())
    page.get_by_label("Title").press_sequentially("Lost line")
    expect(page.locator("#draft-state")).to_contain_text("Not saved yet")
    page.unroute("**/projects/draft/")
    expect(page.locator("#draft-state")).to_contain_text("as a draft only you see")
    assert ProjectDraft.objects.get(person=other_sponsor).typed["title"] == "Lost line"
    context.close()


def test_an_ended_session_leads_back_to_what_was_typed(sign_in: SignIn, sponsor: User, project: Project):
    page = sign_in(sponsor)
    page.goto(f"/projects/{project.code}/edit/")
    Session.objects.all().delete()
    page.get_by_label("PUE").fill("1.31")
    page.wait_for_url(re.compile("/sign-in/"))
    page.get_by_label("E-mail").fill(sponsor.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile(f"/projects/{project.code}/edit/$"))
    expect(page.get_by_label("PUE")).to_have_value("1.31")
    expect(page.locator("#draft-state")).to_contain_text("as a draft only you see")
    assert ProjectDraft.objects.get(person=sponsor).typed["power__pue"] == "1.31"


def test_the_detailed_form_lives_keeps_and_switches(sign_in: SignIn, sponsor: User, project: Project):
    page = sign_in(sponsor)
    page.goto(f"/projects/{project.code}/edit/")
    expect(page.locator("#total-internal_lines")).to_have_text("350,000,000")
    page.get_by_label("Battery energy storage, internal").fill("41,500,000")
    expect(page.locator("#total-internal_lines")).to_have_text("360,000,000")
    page.get_by_label("Market = internal +").fill("20")
    page.get_by_role("button", name="Fill the market column").click()
    expect(page.get_by_label("Battery energy storage, market")).to_have_value("49,800,000")
    expect(page.locator("#total-market_lines")).to_have_text("432,000,000")
    page.get_by_label("Land purchase").fill("")
    page.get_by_label("Location quality").select_option("urban")
    expect(page.locator("#id_land__purchase_amount_follow")).to_have_text("= 38,400,000")
    page.get_by_label("Management fee, percent").fill("3")
    expect(page.get_by_role("textbox", name="Management fee optional", exact=True)).to_have_value("")
    expect(page.locator("#id_fees__management_amount_follow")).to_have_text("= 12,456,000")
    expect(page.locator("#draft-state")).to_contain_text("as a draft only you see")
    page.get_by_role("button", name="Quick, per MW").click()
    expect(page.get_by_label("Internal capex per MW")).to_have_value("7,500,000")
    expect(page.get_by_text("16 lines, kept in proportion").first).to_be_visible()
    page.get_by_role("button", name="Detailed").click()
    expect(page.get_by_label("Battery energy storage, internal")).to_have_value("41,500,000")
    page.get_by_label("PUE").fill("one")
    expect(page.locator("#draft-state")).to_contain_text("as a draft only you see")
    page.goto("/projects/")
    page.goto(f"/projects/{project.code}/edit/")
    expect(page.get_by_text("Your unsaved changes are back")).to_be_visible()
    expect(page.get_by_label("PUE")).to_have_value("one")
    page.get_by_label("PUE").fill("1.25")
    page.get_by_role("button", name="Save the changes").click()
    page.wait_for_url(re.compile(f"/projects/{project.code}/$"))
    project.refresh_from_db()
    assert project.inputs["capex"]["market"]["lines"]["bess"] == 49_800_000
    assert project.inputs["land"]["location_quality"] == "urban"
    assert project.inputs["power"]["pue"] == 1.25


def test_a_block_from_a_workbook_fills_the_cells_below_and_beside(sign_in: SignIn, sponsor: User, project: Project):
    page = sign_in(sponsor)
    page.goto(f"/projects/{project.code}/edit/")
    cells = page.locator(".capex__table tbody input")
    cells.nth(0).focus()
    page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        "1,000,000\t1,200,000\r\n2,000,000\t2,400,000\r\n",
    )
    for at, text in enumerate(("1,000,000", "1,200,000", "2,000,000", "2,400,000")):
        expect(cells.nth(at)).to_have_value(text)
    expect(page.locator("#draft-state")).to_contain_text("as a draft only you see")


def test_a_file_of_costs_fills_the_table_and_tells_its_cells(sign_in: SignIn, sponsor: User, project: Project):
    page = sign_in(sponsor)
    page.goto(f"/projects/{project.code}/edit/")
    page.get_by_label("PUE").click(click_count=3)
    page.keyboard.type("1.3")
    page.get_by_text("From a CSV file or a workbook").click()
    costs = b"Line;Internal;Market\nArchitectural;1,250;2,500\nBESS;12;14\nMoat;1;1\n"
    file = {"name": "costs.csv", "mimeType": "text/csv", "buffer": costs}
    page.get_by_label("File of costs").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Read the costs").click()
    expect(page.get_by_text("2 cells read, 3 left out:")).to_be_visible()
    expect(page.get_by_text("Line 2, internal: 1,250 may mean two numbers")).to_be_visible()
    bess = page.get_by_label("Battery energy storage, internal")
    expect(bess).to_have_value("12")
    page.get_by_label("File of costs").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_label("Numbers in it").select_option("1,234.5")
    page.get_by_role("button", name="Read the costs").click()
    expect(page.get_by_label("Architectural, internal")).to_have_value("1,250")
    expect(page.get_by_text("4 cells read, 1 left out:")).to_be_visible()
    expect(page.get_by_label("PUE")).to_have_value("1.3")
    expect(page.locator("#draft-state")).to_contain_text("as a draft only you see")
    page.reload()  # kept without a further key
    expect(page.get_by_label("Architectural, internal")).to_have_value("1,250")
    expect(page.get_by_label("PUE")).to_have_value("1.3")


def test_a_refused_form_stands_at_its_first_fault(sign_in: SignIn, other_sponsor: User, live: Platform):
    page = sign_in(other_sponsor)
    page.goto("/projects/new/")
    page.get_by_label("Title").fill("Quay")
    page.get_by_role("button", name="Create the project").click()
    expect(page.get_by_label("Country")).to_be_focused()
    page.get_by_role("link", name="PUE is missing").click()
    expect(page.get_by_label("PUE")).to_be_in_viewport()


def test_saving_is_in_reach_on_a_small_screen(sign_in: SignIn, other_sponsor: User, live: Platform):
    page = sign_in(other_sponsor)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/projects/new/")
    expect(page.get_by_role("button", name="Create the project")).to_be_in_viewport()
    page.get_by_label("Title").click()
    page.keyboard.type("Quay")
    expect(page.locator("#draft-state")).to_contain_text("as a draft only you see")
    assert page.locator(".save-card__bar").bounding_box()["height"] <= 100  # type: ignore[index]
    page.get_by_role("button", name="Create and submit for review").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Save as a draft")).to_be_in_viewport()
    page.get_by_role("link", name="Figures").click()
    expect(page.get_by_role("heading", name="Derived figures")).to_be_in_viewport()


def test_the_space_grows_as_one_ticks(sign_in: SignIn, admin: User, project: Project):
    page = sign_in(admin)
    page.goto(f"/projects/{project.code}/runs/new/")
    size(page, f"{DEFAULT_LEVERS.size:,}")
    tenor = page.locator('[data-axis="senior_tenor_years"]')
    tenor.get_by_label("25", exact=True).check()
    size(page, "1,075,200")
    expect(tenor).to_contain_text("7 values")
    coupon = page.locator('[data-axis="senior_coupon_rate"]')
    coupon.get_by_label("Range").check()
    coupon.get_by_label("From").fill("3")
    coupon.get_by_label("to", exact=True).fill("4")
    coupon.get_by_label("step").fill("0.1")
    size(page, "2,365,440")
    coupon.get_by_label("step").fill("zero")
    expect(coupon).to_contain_text("Senior coupon: expected a number, got zero.")
    coupon.get_by_label("step").fill("0.1")
    page.get_by_label("Budget").fill("1000")
    expect(page.locator("#space-size")).to_contain_text("The space is above the budget")
    for value in ("Annuity", "Straight line", "Sculpted", "Interest only"):
        page.locator('[data-axis="senior_amortisation"]').get_by_label(value, exact=True).uncheck()
    expect(page.locator("#space-size")).to_contain_text("The space is empty")
    expect(page.locator("#space-size")).to_contain_text("Not ready to start")
    expect(page.get_by_role("button", name="Start the run")).to_be_disabled()
    expect(page.get_by_label("Budget")).to_have_value("1000")
    assert not Run.objects.exists()


def test_enter_starts_nothing(sign_in: SignIn, admin: User, project: Project):
    page = sign_in(admin)
    page.goto(f"/projects/{project.code}/runs/new/")
    page.get_by_label("Seed").press("Enter")
    expect(page.get_by_role("heading", name="Configure a run")).to_be_visible()
    assert not Run.objects.exists()


def test_without_scripts_the_work_gets_done(browser: Browser, live: Platform, admin: User, run: Run):
    context = browser.new_context(base_url=live.url, java_script_enabled=False)
    page = context.new_page()
    type_credentials(page, admin)
    page.goto(f"/projects/{run.project.code}/runs/new/?preset=repo_first")
    space, levels = REPO_FIRST.size, len(dict(REPO_FIRST.axes)["senior_dscr"])
    size(page, f"{space:,}")
    page.locator('[data-axis="senior_dscr"] .tick input:checked').first.uncheck()
    page.get_by_role("button", name="Update the size").last.click()
    size(page, f"{space // levels * (levels - 1):,}")
    page.goto(f"/runs/{run.code}/results/")
    page.locator("[data-filter-column]").first.select_option("senior_coupon_rate")
    page.locator('[name="filter-operator"]').first.select_option("=")
    page.locator("[data-filter-value]").first.fill("6.25")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("[data-total]")).to_have_attribute("data-total", "72")
    page.get_by_role("link", name="Senior debt").click()
    expect(page.locator('[aria-sort="descending"]')).to_contain_text("Senior debt")
    page.goto(f"/runs/{run.code}/permutations/{run.summary['best']['index']}/?part=months")
    expect(page.locator('[data-table="months"] tbody tr')).to_have_count(27 * 12)
    context.close()
