"""Lists of projects: who finds what, in which order, with how few queries."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import User
from projects.listing import ME, NO_SERIES, PAGE_SIZE, Asked, list_projects, neighbours, place_of
from projects.models import Project, Series, Status
from projects.services import (
    archive_project,
    create_project,
    create_series,
    delete_project,
    move_project,
    restore_project,
)
from tests.projects.cast import put, sound_inputs
from tests.projects.shelf import fill

SignIn = Callable[[User], Client]


@pytest.fixture
def north(sponsor: User) -> Series:
    """Sofia's series."""
    return create_series(by=sponsor, title="North")


@pytest.fixture
def quay(sponsor: User) -> Project:
    """Sofia's complete project."""
    return create_project(by=sponsor, title="Quay Street", inputs=sound_inputs())


@pytest.fixture
def hill(other_sponsor: User) -> Project:
    """Otto's draft in the United States."""
    return create_project(by=other_sponsor, title="Hill Farm", inputs={"country": "US"})


def found(user: User, **asked: str) -> list[Project]:
    return list(list_projects(user, Asked(**asked)).projects)


def test_search_and_filters(quay: Project, hill: Project, sponsor: User, other_sponsor: User, internal: User) -> None:
    old = archive_project(by=sponsor, project=create_project(by=sponsor, title="Old Quay", inputs={}))
    assert found(internal) == [hill, quay]
    assert found(internal, search="quay") == [quay]
    assert found(internal, search="quay", status="archived") == [old]
    assert found(internal, search="sofia street") == [quay]
    assert found(internal, search="100%_") == []
    assert found(internal, status="draft") == [hill]
    assert found(internal, status="'; drop") == [hill, quay]
    assert found(internal, country="UK") == [quay]
    assert found(internal, country="XX") == [hill, quay]
    assert found(internal, owner=str(other_sponsor.code)) == [hill]
    assert found(internal, owner=ME) == []
    assert list_projects(internal, Asked(search="quay")).counts_by_status == {"active": 1, "archived": 1}
    assert found(other_sponsor) == [hill]
    assert found(other_sponsor, owner=str(sponsor.code)) == [hill]


def test_the_columns_of_a_row_follow_the_inputs(quay: Project, internal: User) -> None:
    row = found(internal)[0]
    assert (row.country, row.currency, row.gross_facility_mw) == ("UK", "GBP", 48)
    Project.objects.filter(pk=quay.pk).update(inputs=put(sound_inputs(), "power.gross_facility_mw", 60))
    assert found(internal)[0].gross_facility_mw == 60
    assert "inputs" in row.get_deferred_fields()


def test_the_bin_is_its_keepers(quay: Project, hill: Project, sponsor: User, internal: User, admin: User) -> None:
    delete_project(by=sponsor, project=quay)
    assert [found(user, status="deleted") for user in (sponsor, internal, admin)] == [[quay], [], [quay]]
    assert list_projects(internal).counts_by_status == {"draft": 1}
    assert found(admin) == [hill]
    restore_project(by=sponsor, project=quay)
    assert found(sponsor) == [quay]


def test_sorting_and_back_to_the_owners_order(sponsor: User, internal: User) -> None:
    titles = ("beta", "Alpha", "gamma")
    beta, alpha, gamma = (create_project(by=sponsor, title=title, inputs={}) for title in titles)
    assert found(sponsor) == [gamma, alpha, beta]
    move_project(by=sponsor, project=gamma, series=None)
    assert found(sponsor) == [alpha, beta, gamma]
    assert found(sponsor, sort="title") == [alpha, beta, gamma]
    assert found(sponsor, sort="-title") == [gamma, beta, alpha]
    assert found(internal) == [gamma, alpha, beta]
    assert found(internal, sort="owner; drop") == [gamma, alpha, beta]
    assert found(internal, owner=str(sponsor.code)) == [alpha, beta, gamma]


def test_figures_sort_the_unknown_last(quay: Project, hill: Project, internal: User) -> None:
    small = create_project(by=quay.owner, title="Small", inputs=put(sound_inputs(), "power.gross_facility_mw", 10))
    assert found(internal, sort="-mw") == [quay, small, hill]
    assert found(internal, sort="mw") == [small, quay, hill]


def test_one_owners_projects_come_by_series(sponsor: User, internal: User, north: Series, quay: Project) -> None:
    east = create_series(by=sponsor, title="East")
    loose = create_project(by=sponsor, title="Loose", inputs={})
    move_project(by=sponsor, project=quay, series=north)
    shelves = list_projects(sponsor).shelves
    assert [(shelf.series, shelf.projects, shelf.total_count) for shelf in shelves] == [
        (north, (quay,), 1),
        (east, (), 0),
        (None, (loose,), 1),
    ]
    assert list_projects(internal, Asked(owner=str(sponsor.code))).shelves == shelves
    assert list_projects(internal).shelves == ()
    assert found(sponsor, series=str(north.code)) == [quay]
    assert found(sponsor, series=NO_SERIES) == [loose]
    assert [shelf.series for shelf in list_projects(sponsor, Asked(search="quay")).shelves] == [north]


def test_neighbours_are_those_one_sees(sponsor: User) -> None:
    c, b, a = (create_project(by=sponsor, title=title, inputs={}) for title in "CBA")
    archive_project(by=sponsor, project=b)
    assert (neighbours(a), neighbours(c)) == ((None, c), (a, None))
    assert [place_of(each) for each in (a, b, c)] == [1, 0, 2]
    assert neighbours(Project.objects.get(pk=b.pk)) == (None, None)


LIST_QUERIES = {"sponsor": 4, "internal": 3, "admin": 3}


@pytest.mark.parametrize("role", LIST_QUERIES)
@pytest.mark.parametrize("count", [PAGE_SIZE + 2, 1000])
def test_a_list_takes_as_many_queries_however_long(
    role: str,
    count: int,
    request: pytest.FixtureRequest,
    sponsor: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    """Counts, rows, series or owners: and nothing for each row."""
    fill(sponsor, count)
    user = request.getfixturevalue(role)
    with django_assert_max_num_queries(LIST_QUERIES[role]):
        page = list_projects(user)
        assert {str(project.owner) for project in page.projects} == {"Sofia Sponsor"}
        assert [str(project.series) for project in page.projects]
    assert (page.total_count, len(page.projects)) == (count, PAGE_SIZE)
    assert len(list_projects(user, Asked(page="2")).projects) == min(count - PAGE_SIZE, PAGE_SIZE)
    assert len(list_projects(user, Asked(page="nonsense")).projects) == PAGE_SIZE


PAGE_QUERIES = {"/projects/": 8, "/projects/?search=quay&country=UK&status=active": 8, "/projects/?sort=-mw&page=3": 8}


@pytest.mark.parametrize("address", PAGE_QUERIES)
def test_a_page_of_a_thousand_takes_few_queries(
    address: str, sponsor: User, admin: User, signed_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """Session, person, bell, drafts, and what the list takes."""
    fill(sponsor, 1000)
    client = signed_in(admin)
    with django_assert_max_num_queries(PAGE_QUERIES[address]):
        assert client.get(address).status_code == 200


def test_the_first_page_teaches(signed_in: SignIn, sponsor: User) -> None:
    page = signed_in(sponsor).get("/projects/").content.decode()
    assert "No projects yet" in page
    assert "Describe the asset" in page


def test_a_page_says_when_nothing_matches(signed_in: SignIn, quay: Project, sponsor: User) -> None:
    client = signed_in(sponsor)
    assert "Nothing matches" in client.get("/projects/?search=zebra").content.decode()
    assert "The bin is empty" in client.get("/projects/?status=deleted").content.decode()


def test_a_head_sorts_and_sorts_back(signed_in: SignIn, quay: Project, hill: Project, admin: User) -> None:
    client = signed_in(admin)
    assert "?sort=-mw" in client.get("/projects/").content.decode()
    page = client.get("/projects/?sort=title&search=a").content.decode()
    assert 'aria-sort="ascending"' in page
    assert "?search=a&amp;sort=-title" in page


def test_status_is_asked_done_and_undone(signed_in: SignIn, quay: Project, sponsor: User) -> None:
    client = signed_in(sponsor)
    address = f"/projects/{quay.code}/delete/"
    assert "Delete “Quay Street”?" in client.get(address).content.decode()
    quay.refresh_from_db()
    assert quay.status == Status.ACTIVE
    page = client.post(address, follow=True).content.decode()
    assert f'action="/projects/{quay.code}/restore/"' in page
    assert client.get(f"/projects/{quay.code}/").status_code == 404
    client.post(f"/projects/{quay.code}/restore/")
    quay.refresh_from_db()
    assert quay.status == Status.ACTIVE


def test_what_cannot_be_completed_says_why(signed_in: SignIn, hill: Project, other_sponsor: User) -> None:
    page = signed_in(other_sponsor).post(f"/projects/{hill.code}/complete/", follow=True).content.decode()
    assert "Nothing was changed." in page
    assert "Gross facility power is missing" in page


def test_arranging_works_without_scripts(signed_in: SignIn, sponsor: User, quay: Project) -> None:
    client = signed_in(sponsor)
    second = create_project(by=sponsor, title="Second", inputs={})
    client.post("/series/new/?owner=me", {"title": "North"})
    north = sponsor.series.get()
    page = client.post(f"/projects/{quay.code}/move/", {"series": str(north.code)}, follow=True).content.decode()
    assert "“Quay Street” is in “North”, at place 1." in page
    client.post(f"/projects/{second.code}/move/", {"series": str(north.code)})
    client.post(f"/projects/{second.code}/move/", {"step": "up"})
    assert found(sponsor) == [second, quay]
    page = client.post(f"/projects/{second.code}/move/", {"step": "up"}, follow=True).content.decode()
    assert "“Second” is in “North”, at place 1." in page
    client.post(f"/series/{north.code}/rename/", {"title": "South"})
    page = client.post("/series/new/", {"title": "south"}, follow=True).content.decode()
    assert "Expected a name that no other series of the owner has." in page
    client.post(f"/series/{north.code}/delete/")
    assert found(sponsor) == [second, quay]
    assert not sponsor.series.exists()


def test_only_administrators_arrange_for_others(
    signed_in: SignIn, sponsor: User, internal: User, admin: User, quay: Project
) -> None:
    address = f"/projects/arrange/?owner={sponsor.code}"
    assert signed_in(internal).get(address).status_code == 403
    assert "The order of Sofia Sponsor" in signed_in(admin).get(address).content.decode()
    signed_in(admin).post(f"/series/new/?owner={sponsor.code}", {"title": "Hers"})
    assert sponsor.series.get().title == "Hers"
