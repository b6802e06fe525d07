"""The start page of each role: what waits for them leads to where it is dealt with, and nothing of others shows."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Role, User
from jobs.models import JobState
from lib.panels import panels_of
from permutations.models import Run
from permutations.services.request_run import request_run
from portal.state import platform_state
from projects.demo import demo_document
from projects.models import Project, ProjectDraft
from projects.services import create_project, reject_submission, submit_project
from ratings.models import RuleSet
from ratings.services import seed_rule_sets
from records.services import copy_version, submit_version
from tests.projects.cast import put, sound_inputs
from tests.projects.reviewed import approved
from tests.projects.shelf import fill

SignIn = Callable[[User], Client]
LEVERS = {"axes": {"senior_tenor_years": [15, 20], "senior_dscr": [1.3, 1.4], "senior_coupon_rate": [0.05]}}

pytestmark = pytest.mark.django_db


@pytest.fixture
def campus(sponsor: User, admin: User) -> Project:
    """Sofia's campus, approved."""
    seed_rule_sets()
    inputs = demo_document(timezone.localdate())["inputs"]
    return approved(create_project(by=sponsor, title="Campus", inputs=inputs), by=admin)


@pytest.fixture
def run(campus: Project, admin: User) -> Run:
    """A run of it that nobody works on."""
    return request_run(by=admin, project=campus, levers=LEVERS, enqueue=False)


def panel(user: User, title: str) -> list[tuple[str, str]]:
    """Titles and notes of a panel's lines."""
    found = next(panel for panel in panels_of(user) if panel.title == title)
    return [(line.title, line.note) for line in found.lines]


def test_a_sponsor_begins(signed_in: SignIn, sponsor: User) -> None:
    page = signed_in(sponsor).get("/").content.decode()
    assert "No projects yet" in page
    assert "Registrations to approve" not in page


def test_a_sponsor_finds_drafts_and_what_came_back(
    signed_in: SignIn, sponsor: User, other_sponsor: User, admin: User
) -> None:
    create_project(by=sponsor, title="Half", inputs={"country": "UK"})
    create_project(by=other_sponsor, title="Hidden", inputs={})
    quay = create_project(by=sponsor, title="Quay", inputs=sound_inputs())
    submission = submit_project(by=sponsor, project=quay)
    assert panel(sponsor, "Drafts to finish") == [("Half", "Continue")]
    assert panel(sponsor, "In review") == [("Quay", "Submission")]
    assert panel(admin, "To review") == [("Quay", "Submission of Sofia Sponsor")]
    reject_submission(by=admin, submission=submission, reason="Rent is above the market.")
    assert panel(sponsor, "In review") == [("Quay", "Rent is above the market.")]
    assert panel(admin, "To review") == []
    page = signed_in(sponsor).get("/").content.decode()
    assert "Rent is above the market." in page
    assert "Hidden" not in page


def test_a_draft_is_not_nothing(signed_in: SignIn, sponsor: User) -> None:
    ProjectDraft.objects.create(person=sponsor, door="quick", typed={})
    page = signed_in(sponsor).get("/").content.decode()
    assert "No projects yet" not in page
    assert "Untitled project" in page


def test_a_sponsor_sees_his_projects_with_their_size(sponsor: User, other_sponsor: User) -> None:
    inputs = put(sound_inputs(), "power.gross_facility_mw", 24)
    create_project(by=sponsor, title="Quay", inputs=inputs)
    create_project(by=other_sponsor, title="Hidden", inputs=inputs)
    assert panel(sponsor, "Your projects") == [("Quay", "United Kingdom, GBP, 24 MW gross")]


def test_submissions_and_registrations_are_decided_in_place(signed_in: SignIn, sponsor: User, admin: User) -> None:
    submission = submit_project(by=sponsor, project=create_project(by=sponsor, title="Quay", inputs=sound_inputs()))
    nina = User.objects.create_user("nina@new.example", "x" * 16, full_name="Nina New", role=Role.SPONSOR)
    EmailAddress.objects.filter(user=nina).update(verified=True)
    client = signed_in(admin)
    deeds = [line.deed for each in panels_of(admin) for line in each.lines if line.deed]
    assert [deed.words for deed in deeds] == ["Approve as sponsor", "Approve"]
    person, review = (client.post(deed.address, dict(deed.fields)) for deed in deeds)
    nina.refresh_from_db()
    submission.refresh_from_db()
    assert (nina.is_approved, submission.status) == (True, "approved")
    assert person.headers["Location"] == "/"
    assert "Configure a run" in client.get(review.headers["Location"]).content.decode()


def test_rules_that_wait_are_on_the_start_page(admin: User) -> None:
    assert panel(admin, "Rules and market data to approve") == []
    seed_rule_sets()
    draft = copy_version(by=admin, version=RuleSet.objects.filter(status="active").order_by("pk")[0])
    submit_version(by=admin, version=draft)
    [(title, note)] = panel(admin, "Rules and market data to approve")
    assert title == str(draft)
    assert note.endswith("another administrator decides")


def test_what_was_typed_and_not_saved_waits_first(signed_in: SignIn, sponsor: User, internal: User) -> None:
    create_project(by=sponsor, title="Half", inputs={})
    typed = ProjectDraft.objects.create(person=sponsor, door="quick", typed={"title": "Quay"})
    assert panel(sponsor, "Drafts to finish") == [("Quay", "A new project that is not saved yet"), ("Half", "Continue")]
    assert f"/projects/new/?draft={typed.code}" in signed_in(sponsor).get("/").content.decode()
    assert panel(internal, "Drafts to finish") == []


def test_every_way_into_a_project_answers(signed_in: SignIn, sponsor: User) -> None:
    client = signed_in(sponsor)
    page = client.get("/").content.decode()
    for address in ("/projects/new/", "/projects/new/?door=detailed", "/projects/workbook/new/", "/projects/workbook/"):
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200


def test_runs_are_told_to_those_who_may_see_them(
    signed_in: SignIn, run: Run, sponsor: User, other_sponsor: User, internal: User, admin: User
) -> None:
    assert panel(internal, "Latest runs") == [("Campus", "0 of 4 permutations")]
    assert panel(sponsor, "Finished runs") == []
    run.state, run.error = JobState.FAILED, "Chunk 0 failed three times.\nTraceback"
    run.save()
    assert panel(admin, "Running and failed") == [("Campus", "Chunk 0 failed three times.")]
    run.state, run.error, run.finished_at = JobState.DONE, "", timezone.now()
    run.save()
    assert panel(sponsor, "Finished runs") == [("Campus", "4 permutations")]
    assert panel(other_sponsor, "Finished runs") == []
    assert panel(internal, "Decided last") == [("Campus", "Submission")]


def test_an_administrator_sees_who_waits_at_the_door(signed_in: SignIn, admin: User) -> None:
    nina = User.objects.create_user("nina@new.example", "x" * 16, full_name="Nina New", role=Role.SPONSOR)
    page = signed_in(admin).get("/").content.decode()
    assert "Nina New" in page
    assert "nina@new.example" in page
    EmailAddress.objects.filter(user=nina).update(verified=False)
    assert panel(admin, "Registrations to approve") == []


def test_a_lost_queue_is_said(admin: User) -> None:
    facts = {fact.label: fact for fact in platform_state()}
    assert not facts["Queue"].is_well
    assert "Workers" not in facts
    assert not facts["Rule sets in force"].is_well


def test_a_live_queue_counts_its_workers(redis_queue: object, db: None) -> None:
    facts = {fact.label: fact for fact in platform_state()}
    assert (facts["Queue"].text, facts["Queue"].is_well) == ("0 jobs waiting", True)
    assert not facts["Workers"].is_well


# An administrator's asks once for each kind of versions, a test's own kind among them where one is declared.
QUERIES = {"sponsor": 12, "internal": 14, "admin": 17}


@pytest.mark.parametrize("role", QUERIES)
def test_a_start_page_takes_few_queries_however_long_the_shelves(
    role: str,
    signed_in: SignIn,
    request: pytest.FixtureRequest,
    sponsor: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    fill(sponsor, 1000)
    client = signed_in(request.getfixturevalue(role))
    with django_assert_max_num_queries(QUERIES[role]):
        assert client.get("/").status_code == 200


def test_the_list_of_runs_by_state(
    signed_in: SignIn, run: Run, sponsor: User, other_sponsor: User, admin: User
) -> None:
    for person, sees in ((sponsor, True), (admin, True), (other_sponsor, False)):
        assert ("Campus" in signed_in(person).get("/runs/").content.decode()) is sees
    client = signed_in(admin)
    assert "Campus" in client.get("/runs/?state=queued").content.decode()
    assert "No runs in this state" in client.get("/runs/?state=failed").content.decode()
    assert "Campus" in client.get("/runs/?state=nonsense").content.decode()
    run.state, run.error = JobState.FAILED, "Chunk 0 failed three times."
    run.save()
    assert "Chunk 0 failed three times." in client.get("/runs/?state=failed").content.decode()
