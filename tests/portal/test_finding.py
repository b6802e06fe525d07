"""The search over all rooms shows what a person may see and nothing else; help explains what pages abbreviate."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from permutations.models import Run
from permutations.services.name_run import name_run
from permutations.services.request_run import request_run
from portal.terms import TERMS
from projects.models import Project
from projects.services import create_project
from ratings.services import seed_rule_sets
from tests.projects.cast import put, sound_inputs
from tests.projects.reviewed import approved

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
LEVERS = {"axes": {"senior_tenor_years": [15, 20], "senior_dscr": [1.3]}}


@pytest.fixture
def campus(sponsor: User, admin: User) -> Project:
    seed_rule_sets()
    inputs = put(sound_inputs(), "meta.location", "Slough trading estate")
    return approved(create_project(by=sponsor, title="Quay 100%", inputs=inputs), by=admin)


@pytest.fixture
def run(campus: Project, admin: User) -> Run:
    asked = request_run(by=admin, project=campus, levers=LEVERS, enqueue=False)
    return name_run(by=admin, run=asked, name="Long tenors", note="", is_starred=False)


def found(client: Client, words: str) -> dict[str, list[str]]:
    answer = client.get("/search/", {"q": words})
    return {title: [line.title for line in lines] for title, lines in answer.context["found"]}


def test_projects_are_found_by_title_and_place(signed_in: SignIn, campus: Project, sponsor: User) -> None:
    client = signed_in(sponsor)
    assert found(client, "quay") == {"Projects": ["Quay 100%"]}
    assert found(client, "slough") == {"Projects": ["Quay 100%"]}
    assert found(client, "100%") == {"Projects": ["Quay 100%"]}
    assert found(client, "harbour") == {}


def test_runs_are_found_by_name(signed_in: SignIn, run: Run, sponsor: User) -> None:
    assert found(signed_in(sponsor), "long ten") == {"Runs": ["Long tenors"]}


def test_nothing_of_others_is_found(signed_in: SignIn, run: Run, other_sponsor: User) -> None:
    client = signed_in(other_sponsor)
    assert found(client, "quay") == found(client, "long ten") == found(client, "sofia") == {}


def test_people_are_found_by_administrators_only(signed_in: SignIn, sponsor: User, internal: User, admin: User) -> None:
    assert found(signed_in(internal), "sofia") == {}
    assert found(signed_in(admin), "sofia") == {"People": ["Sofia Sponsor"]}


@pytest.mark.parametrize("words", ["", "q", " q "])
def test_less_than_two_letters_ask_nothing(signed_in: SignIn, campus: Project, sponsor: User, words: str) -> None:
    client = signed_in(sponsor)
    assert found(client, words) == {}
    assert "Type at least 2 letters" in client.get("/search/", {"q": words}).content.decode()


@pytest.mark.parametrize("words", ["%", "' OR 1=1 --", "\0x", "<script>alert(1)</script>", "x" * 5000])
def test_hostile_words_find_nothing_and_break_nothing(
    signed_in: SignIn, campus: Project, admin: User, words: str
) -> None:
    answer = signed_in(admin).get("/search/", {"q": words})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_rules_are_found_by_name(signed_in: SignIn, campus: Project, sponsor: User) -> None:
    assert found(signed_in(sponsor), "market-cost")["Rules and market data"]


def test_help_explains_what_is_abbreviated(signed_in: SignIn, sponsor: User) -> None:
    page = signed_in(sponsor).get("/help/").content.decode()
    for word in ("TRS", "DSRA", "ARD", "Gate A", "Repo", "PLCR", "PUE"):
        assert f'id="term-{word.lower().replace(" ", "-")}"' in page
    words = [term.word for term in TERMS]
    assert words == sorted(words, key=str.lower)
    assert len(set(words)) == len(words)
