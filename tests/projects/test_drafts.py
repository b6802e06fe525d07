"""Drafts that save themselves, and two people at one project."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from lib.errors import Invalid, NotFound
from projects.drafts import drafts_of, others_at_work
from projects.merging import Version, clashes
from projects.models import Project, ProjectDraft
from projects.services import create_project, edit_project
from projects.services.keep_draft import MOST_NEW, keep_draft
from tests.projects.cast import put, quick_data, sound_inputs
from tests.projects.test_doors import detailed_data

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
DRAFT = "/projects/draft/"


@pytest.fixture
def project(sponsor: User) -> Project:
    return create_project(by=sponsor, title="Harbour", inputs=sound_inputs())


def edit_url(project: Project) -> str:
    return reverse("project-edit", args=[project.code])


def page_data(client: Client, project: Project, **changes: Any) -> dict[str, str]:
    """What the detailed page sends: its fields, its version and the base it was opened with."""
    context = client.get(edit_url(project) + "?door=detailed").context
    return {**detailed_data(project), "door": "detailed", "project": str(project.code), "base": context["base"],
            "version": str(project.version), **{name: str(value) for name, value in changes.items()}}  # fmt: skip


def test_what_is_typed_comes_back_and_can_be_discarded(project: Project, sponsor: User, signed_in: SignIn) -> None:
    client = signed_in(sponsor)
    answer = client.post(DRAFT, page_data(client, project, power__pue="one", title="Harbour II"))
    assert "as a draft only you see" in answer.content.decode()
    page = client.get(edit_url(project))
    assert page.status_code == 200
    assert page.context["form"].door == "detailed"
    assert page.context["form"]["power__pue"].value() == "one"
    assert "expected a number" in page.content.decode()
    project.refresh_from_db()
    assert (project.title, project.version) == ("Harbour", 1)
    draft = ProjectDraft.objects.get()
    assert client.post(reverse("draft-discard", args=[draft.code])).headers["Location"] == edit_url(project)
    assert not ProjectDraft.objects.exists()
    assert AuditEntry.objects.filter(action="draft.discarded", actor=sponsor).exists()
    assert client.get(edit_url(project)).context["form"]["power__pue"].value() == "1.2"


def test_one_draft_a_person_and_project(project: Project, sponsor: User, admin: User, signed_in: SignIn) -> None:
    for person in (sponsor, sponsor, admin):
        client = signed_in(person)
        client.post(DRAFT, page_data(client, project, power__pue="1.3"))
    assert ProjectDraft.objects.count() == 2


def test_saving_removes_the_draft(project: Project, sponsor: User, signed_in: SignIn) -> None:
    client = signed_in(sponsor)
    data = page_data(client, project, power__pue="1.3")
    client.post(DRAFT, data)
    assert client.post(edit_url(project), {**data, "action": "save"}).status_code == 302
    assert not ProjectDraft.objects.exists()
    client.post(DRAFT, data)  # the last entries, arriving after they were saved
    assert "restored_at" not in client.get(edit_url(project)).context


def test_a_new_project_waits_in_the_list_until_it_is_created(
    sponsor: User, other_sponsor: User, signed_in: SignIn
) -> None:
    client = signed_in(sponsor)
    client.post(DRAFT, quick_data(title="Quay", power__pue=""))
    [draft] = drafts_of(sponsor)
    client.post(DRAFT, {**quick_data(title="Quay Street", power__pue="abc"), "draft": str(draft.code)})
    assert [str(each) for each in drafts_of(sponsor)] == ["Quay Street"]
    assert "Quay Street" in client.get("/projects/").content.decode()
    page = client.get(f"/projects/new/?draft={draft.code}")
    assert page.context["form"]["power__pue"].value() == "abc"
    assert signed_in(other_sponsor).get(f"/projects/new/?draft={draft.code}").status_code == 404
    assert not drafts_of(other_sponsor)
    answer = client.post("/projects/new/", {**quick_data(), "draft": str(draft.code), "action": "save"})
    assert answer.status_code == 302
    assert not ProjectDraft.objects.exists()
    late = client.post(DRAFT, {**quick_data(), "draft": str(draft.code)})
    assert "saved or discarded elsewhere" in late.content.decode()
    assert not ProjectDraft.objects.exists()


def test_drafts_are_each_persons_own(
    project: Project, sponsor: User, admin: User, other_sponsor: User, internal: User, signed_in: SignIn
) -> None:
    client = signed_in(sponsor)
    client.post(DRAFT, page_data(client, project, power__pue="1.3"))
    draft = ProjectDraft.objects.get()
    for stranger, status in ((admin, 404), (other_sponsor, 404), (internal, 404)):
        assert signed_in(stranger).post(reverse("draft-discard", args=[draft.code])).status_code == status
    for person, status in ((other_sponsor, 404), (internal, 403)):
        assert signed_in(person).post(DRAFT, {"project": str(project.code), "title": "Mine"}).status_code == status
    assert ProjectDraft.objects.count() == 1
    with pytest.raises(NotFound):
        keep_draft(by=other_sponsor, project=None, door="quick", typed={}, base={}, code=draft.code)


def test_not_more_drafts_of_new_projects_than_one_can_mean(sponsor: User) -> None:
    for number in range(MOST_NEW):
        keep_draft(by=sponsor, project=None, door="quick", typed={"title": str(number)}, base={})
    with pytest.raises(Invalid, match="discard some"):
        keep_draft(by=sponsor, project=None, door="quick", typed={}, base={})


def test_people_are_told_of_each_other(project: Project, sponsor: User, admin: User, signed_in: SignIn) -> None:
    client = signed_in(admin)
    client.post(DRAFT, page_data(client, project, power__pue="1.3"))
    assert [other.name for other in others_at_work(sponsor, project)] == [str(admin)]
    assert not others_at_work(admin, project)
    state = reverse("project-draft-state", args=[project.code])
    assert "has unsaved changes to this project too" in signed_in(sponsor).get(f"{state}?version=1").content.decode()
    edit_project(by=admin, project=project, title="Harbour", inputs=put(sound_inputs(), "power.pue", 1.3), version=1)
    told = signed_in(sponsor).get(f"{state}?version=1").content.decode()
    assert f"{admin.full_name}" in told
    assert "saved this project after you opened it" in told


@pytest.fixture
def crossed(project: Project, sponsor: User, admin: User, signed_in: SignIn) -> tuple[Client, dict[str, str]]:
    """Sofia opened the page and typed; Ada saved another PUE and another lease term meanwhile."""
    client = signed_in(sponsor)
    mine = page_data(client, project, power__pue="1.25", revenue__rent_amount="120", title="Harbour II")
    theirs = put(put(sound_inputs(), "power.pue", 1.3), "lease.term_years", 25)
    edit_project(by=admin, project=project, title="Harbour", inputs=theirs, version=1)
    project.refresh_from_db()
    return client, mine


def test_two_sets_of_changes_side_by_side(project: Project, crossed: tuple[Client, dict[str, str]]) -> None:
    client, mine = crossed
    page = client.post(edit_url(project), {**mine, "action": "save"})
    assert page.status_code == 409
    rows = {clash.path: (clash.base, clash.mine, clash.theirs, choice) for clash, choice in page.context["rows"]}
    assert rows == {
        "title": ("Harbour", "Harbour II", "Harbour", "mine"),
        "power.pue": ("1.2", "1.25", "1.3", ""),
        "revenue.rent_amount": ("115", "120", "115", "mine"),
        "lease.term_years": ("27", "27", "25", "theirs"),
    }
    project.refresh_from_db()
    assert project.version == 2
    assert project.inputs["power"]["pue"] == 1.3


def test_what_was_chosen_is_saved_and_the_rest_of_both_is_kept(
    project: Project, crossed: tuple[Client, dict[str, str]]
) -> None:
    client, mine = crossed
    merge = {**mine, "action": "merge", "wanted": "save", "theirs_version": "2"}
    undecided = client.post(edit_url(project), merge)
    assert undecided.status_code == 409
    assert "PUE: both of you changed it" in undecided.content.decode()
    answer = client.post(edit_url(project), {**merge, "choice:power.pue": "mine", "choice:title": "theirs"})
    assert answer.status_code == 302
    project.refresh_from_db()
    assert (project.title, project.version, project.status) == ("Harbour", 3, "active")
    assert project.inputs["power"]["pue"] == 1.25
    assert project.inputs["revenue"]["rent_amount"] == 120
    assert project.inputs["lease"]["term_years"] == 25


def test_entries_that_cannot_be_saved_stay_in_the_draft(
    project: Project, crossed: tuple[Client, dict[str, str]]
) -> None:
    client, mine = crossed
    merge = {**mine, "power__pue": "one", "action": "merge", "wanted": "draft", "theirs_version": "2"}
    answer = client.post(edit_url(project), {**merge, "choice:power.pue": "theirs"}, follow=True)
    assert "One entry was invalid and stayed in your draft" in answer.content.decode()
    project.refresh_from_db()
    assert (project.inputs["power"]["pue"], project.inputs["revenue"]["rent_amount"]) == (1.3, 120)
    draft = ProjectDraft.objects.get()
    assert (draft.typed, draft.base["version"]) == ({"power__pue": "one"}, 3)
    page = client.get(edit_url(project))
    assert page.context["form"]["power__pue"].value() == "one"
    assert page.context["form"]["revenue__rent_amount"].value() == "120"


@pytest.mark.parametrize(("length", "is_told"), [(1_999, False), (2_000, False), (2_001, True), (9_000, True)])
def test_a_draft_says_where_it_keeps_a_part_only(
    project: Project, sponsor: User, signed_in: SignIn, length: int, is_told: bool
) -> None:
    client = signed_in(sponsor)
    client.post(DRAFT, page_data(client, project, power__pue="1" * length))
    page = client.get(edit_url(project)).content.decode()
    assert ("Only the first 2,000 are kept" in page) == is_told


def test_a_third_save_in_between_shows_the_page_again(
    project: Project, admin: User, crossed: tuple[Client, dict[str, str]]
) -> None:
    client, mine = crossed
    edit_project(by=admin, project=project, title="Harbour", inputs=put(sound_inputs(), "power.pue", 1.4), version=2)
    merge = {**mine, "action": "merge", "wanted": "save", "theirs_version": "2", "choice:power.pue": "mine"}
    page = client.post(edit_url(project), merge)
    assert page.status_code == 409
    rows = {clash.path: clash.theirs for clash, _ in page.context["rows"]}
    assert rows["power.pue"] == "1.4"
    project.refresh_from_db()
    assert project.inputs["power"]["pue"] == 1.4


def test_sound_changes_that_do_not_hold_together_are_not_saved(
    project: Project, sponsor: User, admin: User, signed_in: SignIn
) -> None:
    client = signed_in(sponsor)
    mine = page_data(client, project, lease__cpi_cap_rate="2")
    theirs = put(sound_inputs(), "lease.cpi_floor_rate", 0.03)
    edit_project(by=admin, project=project, title="Harbour", inputs=theirs, version=1)
    page = client.post(edit_url(project), {**mine, "action": "merge", "wanted": "save", "theirs_version": "2"})
    assert page.status_code == 409
    assert "Indexation cap: expected at least the floor" in page.content.decode()
    project.refresh_from_db()
    assert project.version == 2


def test_both_sides_of_a_capex_line_are_told_apart() -> None:
    new = put(put(sound_inputs(), "capex.internal.lines.bess", 1), "capex.market.lines.bess", 2)
    rows = clashes(None, Version("A", new), Version("A", sound_inputs()))
    assert [row.label for row in rows] == ["Battery energy storage, internal", "Battery energy storage, market"]


@pytest.mark.parametrize("base", ["", "forged", "e30:1abc:def"])
def test_without_a_base_every_difference_is_asked_about(
    base: str, project: Project, crossed: tuple[Client, dict[str, str]]
) -> None:
    client, mine = crossed
    page = client.post(edit_url(project), {**mine, "base": base, "action": "save"})
    assert page.status_code == 409
    assert {choice for _, choice in page.context["rows"]} == {""}


HOSTILE = [
    "\x00",
    "x" * 10_000,
    "<script>alert(1)</script>",
    "\u202e\U0001f4a3",
    "1e999",
    "-1",
    "{}",
    "[]",
    "null",
    "٣",
    "NaN",
    "' OR 1=1 --",
]


@pytest.mark.parametrize("door", ["quick", "detailed"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_entries_get_messages(door: str, text: str, project: Project, sponsor: User, signed_in: SignIn) -> None:
    client = signed_in(sponsor)
    data = dict.fromkeys(detailed_data(project), text) | {
        "door": door,
        "project": str(project.code),
        "draft": text,
        "base": text,
        "market_uplift": text,
    }
    for action in ("save", "draft", "fill-market", "door-quick", "door-detailed", "merge", text):
        status = client.post(edit_url(project), {**data, "action": action, "theirs_version": text}).status_code
        assert status in {200, 302, 409, 422}
    for url in ("/projects/figures/", DRAFT):
        answer = client.post(url, data)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()
    page = client.get(edit_url(project))
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()
