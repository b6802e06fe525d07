"""Pages without a browser: what they hold, what they cost, and what they answer to nonsense."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from engine.project import ProjectInputs, derive
from engine.terms import StructuringTerms
from jobs.models import Job, JobState
from permutations.models import Run
from permutations.results import page_of_results
from projects.models import Project
from projects.services import create_project
from tables.query import Filter, Query
from tests.projects.cast import form_data, sound_inputs

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
FILTER_FIELDS = ("filter-column", "filter-operator", "filter-value")
NONSENSE = [
    "",
    "0",
    "-1",
    "NaN",
    "1e400",
    "9" * 40,
    "a|b",
    "|||",
    "' OR 1=1",
    "\x00",
    "％",
    "../../etc/passwd",
    "tier|=|x",
]


def body(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def ada(signed_in: SignedIn, admin: User) -> Client:
    return signed_in(admin)


def test_the_list_costs_the_same_for_one_and_for_many(
    ada: Client, admin: User, sponsor: User, django_assert_num_queries: Any
):
    create_project(by=sponsor, title="First", inputs=sound_inputs())
    with django_assert_num_queries(7):
        ada.get(reverse("projects-list"))
    for number in range(30):
        create_project(by=sponsor, title=f"Project {number}", inputs=sound_inputs())
    with django_assert_num_queries(7):
        response = ada.get(reverse("projects-list"))
    assert "31 projects" in body(response)
    assert "Page 1 of 2" in body(response)


def test_a_search_is_a_fragment_for_htmx_and_a_page_for_others(ada: Client, sponsor: User):
    create_project(by=sponsor, title="Harbour", inputs=sound_inputs())
    create_project(by=sponsor, title="Quarry", inputs=sound_inputs())
    fragment = body(ada.get(reverse("projects-list"), {"search": "harb"}, headers={"HX-Request": "true"}))
    page = body(ada.get(reverse("projects-list"), {"search": "harb"}))
    for text in (fragment, page):
        assert "Harbour" in text
        assert "Quarry" not in text
    assert "<html" not in fragment
    assert "<html" in page


def test_titles_are_text_and_nothing_else(ada: Client, sponsor: User):
    project = create_project(by=sponsor, title="<script>alert(1)</script>", inputs=sound_inputs())
    for name, code in (("projects-list", None), ("project-detail", project.code), ("run-new", project.code)):
        text = body(ada.get(reverse(name, args=[code] if code else [])))
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


def test_a_project_page_costs_the_same_for_any_number_of_runs(
    ada: Client, requested: Callable[..., Run], project: Project, django_assert_num_queries: Any
):
    requested()
    with django_assert_num_queries(8):
        ada.get(reverse("project-detail", args=[project.code]))
    for _ in range(5):
        requested()
    with django_assert_num_queries(8):
        ada.get(reverse("project-detail", args=[project.code]))


def test_a_draft_keeps_what_was_sound(signed_in: SignedIn, sponsor: User):
    client, before = signed_in(sponsor), Project.objects.count()
    data = {"title": "Quay", "country": "UK", "currency": "GBP", "power__gross_facility_mw": "48", "power__pue": "many"}
    refused = client.post(reverse("project-new"), {**data, "action": "save"})
    assert refused.status_code == 422
    assert "expected a number" in body(refused)
    assert 'value="many"' in body(refused)
    assert Project.objects.count() == before
    client.post(reverse("project-new"), {**data, "action": "draft"})
    assert Project.objects.get(title="Quay").inputs["power"] == {"gross_facility_mw": 48.0, "utilisation_ratio": 1.0}


def test_a_draft_needs_a_title(signed_in: SignedIn, sponsor: User):
    before = Project.objects.count()
    response = signed_in(sponsor).post(reverse("project-new"), {"action": "draft", "country": "UK"})
    assert response.status_code == 422
    assert Project.objects.count() == before


def test_figures_cost_under_a_tenth_of_a_second(signed_in: SignedIn, sponsor: User, project: Project):
    client, data = signed_in(sponsor), form_data(project)
    client.post(reverse("project-figures"), data)
    response = client.post(reverse("project-figures"), {**data, "power__pue": "1.5"})
    assert "32.00" in body(response)


@pytest.mark.parametrize(("number", "noise"), list(enumerate(NONSENSE)))
def test_forms_answer_nonsense_in_words(signed_in: SignedIn, sponsor: User, project: Project, number: int, noise: str):
    """Each field takes a third of the noises, its neighbours the others: fields of a kind stand together."""
    client, data = signed_in(sponsor), form_data(project)
    address = reverse("project-edit", args=[project.code])
    for name in list(data)[number % 3 :: 3]:
        response = client.post(address, {**data, name: noise, "action": "figures"})
        assert response.status_code in (200, 422), name
    assert client.post(reverse("project-figures"), {**data, "project": noise}).status_code in (200, 404)


def test_results_answer_nonsense_in_words(ada: Client, done: Run):
    address, export = (reverse(name, args=[done.code]) for name in ("results", "results-export"))
    for noise, name in product(NONSENSE, ("page", "size", "sort", "column", "filter", *FILTER_FIELDS)):
        fixed = {"filter-column": "tier", "filter-operator": "=", "filter-value": "Gold"} if "filter-" in name else {}
        assert ada.get(address, {**fixed, name: noise}).status_code == 200, (name, noise)
        assert ada.get(export, {**fixed, name: noise}).status_code in (200, 400), (name, noise)
    for noise in NONSENSE:
        assert ada.get(reverse("run-compare", args=[done.code]), {"index": [noise, noise]}).status_code == 400


def test_nonsense_about_a_run_is_not_found(ada: Client, done: Run):
    for index in ("99999999", "9" * 25):
        assert ada.get(f"/runs/{done.code}/permutations/{index}/").status_code == 404
    assert ada.get(reverse("results-export", args=[done.code]), {"format": "exe"}).status_code == 404
    assert ada.get("/runs/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_results_before_the_first_part_say_so(ada: Client, requested: Callable[..., Run]):
    response = ada.get(reverse("results", args=[requested().code]))
    assert response.status_code == 200
    assert "results appear with the first chunk" in body(response)


def test_a_failed_run_says_why_and_may_go_on(ada: Client, requested: Callable[..., Run]):
    run = requested()
    Job.objects.filter(pk=run.code).update(state=JobState.FAILED, error="Chunk 3: the disk is full.")
    text = body(ada.get(reverse("run-detail", args=[run.code])))
    assert "Chunk 3: the disk is full." in text
    assert "Resume" in text


def test_cancelling_what_is_done_is_refused_in_words(ada: Client, done: Run):
    response = ada.post(reverse("job-cancel", args=[done.code]), follow=True)
    assert "there is nothing to cancel" in body(response)


def test_every_row_and_every_column_can_be_had(ada: Client, done: Run):
    every = [f"column={name}" for name in ("index", "tier", "reason", "senior_amortisation", "flags", "rating_notch")]
    text = body(ada.get(f"{reverse('results', args=[done.code])}?{'&'.join(every)}&size=100&page=35"))
    assert "Rows 3,401 to 3,456" in text


def test_filters_are_typed_as_they_are_shown(ada: Client, done: Run):
    address = reverse("results", args=[done.code])

    def total(column: str, operator: str, value: str) -> int:
        query = {"filter-column": column, "filter-operator": operator, "filter-value": value}
        response = ada.get(address, query)
        return int(body(response).split('data-total="')[1].split('"')[0])

    assert total("senior_coupon_rate", "=", "6.25%") == 1152
    assert total("senior_coupon_rate", "between", "5 and 6.25") == 2304
    assert total("senior_amortisation", "=", "Interest only") == 864
    assert total("senior_tenor_years", "in", "10, 20") == 2304
    assert total("tier", "=", "Not viable") == total("tier", "=", "0")


def test_a_failed_permutation_is_shown_with_its_reason(ada: Client, done: Run):

    stopped = page_of_results(done, Query(("index",), (Filter("gate", "=", 0),), (), 1, 1)).keys[0]
    text = body(ada.get(reverse("permutation", args=[done.code, stopped]), follow=True))
    assert "Stopped at Gate A" in text
    assert "Not viable" in text


def test_a_project_page_says_what_its_value_rests_on(ada: Client, project: Project):
    page = ada.get(f"/projects/{project.code}/").content.decode()
    section = page[page.index("What the value rests on") :]
    inputs = ProjectInputs.from_dict(project.inputs)
    terms = StructuringTerms.from_dict()
    derived = derive(inputs, terms)
    for text in ("6.00%", "21.0%", f"{derived.value_amount:,.0f}", f"{derived.agency_value_amount:,.0f}"):
        assert text in section, text
