"""Who sees what, and how few queries a list takes."""

from uuid import uuid4

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.errors import NotFound
from accounts.models import User
from projects.access import can_edit, can_run, get_project, visible_projects
from projects.models import Project
from projects.queries import PAGE_SIZE, list_projects, project_overview
from projects.services import archive_project, create_project, delete_project, take_snapshot
from tests.projects.cast import put, sound_inputs


@pytest.fixture
def project(sponsor: User) -> Project:
    return create_project(by=sponsor, title="Quay", inputs=sound_inputs())


def test_sponsors_see_their_own_the_house_sees_all(
    project: Project, sponsor: User, other_sponsor: User, internal: User, admin: User
) -> None:
    assert [u for u in (sponsor, other_sponsor, internal, admin) if project in visible_projects(u)] == [
        sponsor, internal, admin,
    ]  # fmt: skip
    assert [can_edit(u, project) for u in (sponsor, other_sponsor, internal, admin)] == [True, False, False, True]
    assert [can_run(u) for u in (sponsor, other_sponsor, internal, admin)] == [False, False, False, True]


def test_to_outsiders_a_project_does_not_exist(project: Project, other_sponsor: User, sponsor: User) -> None:
    for code in (project.code, str(project.code)):
        assert get_project(sponsor, code) == project
        with pytest.raises(NotFound, match="no such project"):
            get_project(other_sponsor, code)
    for code in (uuid4(), "not-a-code", ""):
        with pytest.raises(NotFound, match="no such project"):
            get_project(sponsor, code)


def test_people_without_approval_see_nothing(project: Project, sponsor: User, admin: User) -> None:
    for user in (sponsor, admin):
        user.is_approved = False
        assert not visible_projects(user).exists()
        assert not can_edit(user, project)
        assert not can_run(user)


def test_deleted_projects_are_nobodys(project: Project, sponsor: User, admin: User) -> None:
    delete_project(by=sponsor, project=project)
    for user in (sponsor, admin):
        with pytest.raises(NotFound):
            project_overview(user, project.code)


def test_a_list_takes_three_queries_however_long(
    sponsor: User, internal: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(PAGE_SIZE + 2):
        project = create_project(by=sponsor, title=f"Quay {number}", inputs=sound_inputs())
    take_snapshot(by=sponsor, project=project)
    with django_assert_num_queries(3):
        found = list_projects(internal, page=1)
        assert [str(row.project.owner) for row in found.rows] == ["Sofia Sponsor"] * PAGE_SIZE
    assert found.total_count == PAGE_SIZE + 2
    assert (found.rows[0].country, found.rows[0].gross_facility_mw, found.rows[0].snapshot_count) == ("UK", 48, 1)
    assert len(list_projects(internal, page=2).rows) == 2
    assert len(list_projects(internal, page="nonsense").rows) == PAGE_SIZE


def test_search_and_status(sponsor: User, other_sponsor: User, internal: User) -> None:
    quay = create_project(by=sponsor, title="Quay Street", inputs=sound_inputs())
    hill = create_project(by=other_sponsor, title="Hill Farm", inputs={})
    old = archive_project(by=sponsor, project=create_project(by=sponsor, title="Old Quay", inputs={}))

    def found(**asked: str) -> list[Project]:
        return [row.project for row in list_projects(internal, **asked).rows]

    assert found() == [hill, quay]
    assert found(search="quay") == [quay]
    assert found(search="quay", status="archived") == [old]
    assert found(search="sofia street") == [quay]
    assert found(search="100%_") == []
    assert found(status="draft") == [hill]
    assert found(status="deleted") == []
    assert found(status="'; drop") == [hill, quay]
    assert list_projects(internal, search="quay").counts_by_status == {"active": 1, "archived": 1}
    assert [row.project for row in list_projects(other_sponsor).rows] == [hill]


def test_an_overview_takes_three_queries_and_derives(
    project: Project, sponsor: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        overview = project_overview(sponsor, project.code)
    assert overview.derived is not None
    assert overview.derived.it_load_mw == pytest.approx(40)
    assert overview.derived.internal_cost_amount == 428_000_000
    assert overview.derived.year_one.cfads_amount == pytest.approx(42_209_640)
    assert (overview.can_edit, overview.can_run, overview.problems) == (True, False, ())


def test_an_overview_of_a_draft_tells_its_problems(sponsor: User) -> None:
    draft = create_project(by=sponsor, title="Half", inputs=put(sound_inputs(), "power.pue", 9))
    overview = project_overview(sponsor, draft.code)
    assert (overview.inputs, overview.derived) == (None, None)
    assert [p.place for p in overview.problems] == ["power.pue"]
