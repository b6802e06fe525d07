"""Who sees what, and how few queries a list takes."""

from uuid import uuid4

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import User
from lib.errors import NotFound
from permutations.access import can_run
from projects.access import can_edit, get_project, visible_projects
from projects.models import Project
from projects.queries import project_overview
from projects.services import create_project, delete_project
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


def test_an_overview_takes_three_queries_and_derives(
    project: Project, sponsor: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        overview = project_overview(sponsor, project.code)
    assert overview.derived is not None
    assert overview.derived.it_load_mw == pytest.approx(40)
    assert overview.derived.internal_cost_amount == 428_000_000
    assert overview.derived.year_one.cfads_amount == pytest.approx(43_648_260)
    assert (overview.can_edit, overview.problems) == (True, ())


def test_an_overview_of_a_draft_tells_its_problems(sponsor: User) -> None:
    draft = create_project(by=sponsor, title="Half", inputs=put(sound_inputs(), "power.pue", 9))
    overview = project_overview(sponsor, draft.code)
    assert (overview.inputs, overview.derived) == (None, None)
    assert [p.place for p in overview.problems] == ["power.pue"]
