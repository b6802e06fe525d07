"""A search as people have it: asked for on a run's page, worked on as a job, read, opened as a financing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from engine.ratings import notch_of
from financings.models import Financing
from financings.translate import engine_deal
from jobs.claims import queue_again
from jobs.models import Job, JobState, Part, PartState
from jobs.services.cancel_job import cancel_job
from jobs.work import work
from lib.errors import Forbidden, Invalid, NotFound
from permutations.models import Run, Search
from permutations.results import rows_of
from permutations.search_form import SearchForm
from permutations.services.open_found import open_found
from permutations.services.request_search import request_search
from permutations.views.search import limit_words, unmet_sentence
from tests import world

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]

ASKED: dict[str, Any] = {
    "limits": [
        {"column": "rating_notch", "operator": "<=", "value": float(notch_of("A"))},
        {"column": "agency_ltv_ratio", "operator": "<=", "value": 0.55},
    ],
    "effort": 500,
}
POSTED = {"objective": "day_one_value", "rating": "A", "effort": "500", "seed": "3"}


def searched(run: Run, terms: dict[str, Any] | None = None) -> Search:
    """A search asked for by Ada, worked on in this process."""
    search = request_search(by=world.ada(), run=run, terms=terms or ASKED, enqueue=False)
    assert work(search.code)
    search.refresh_from_db()
    assert search.state == JobState.DONE, search.error
    return search


_ANSWERS: dict[str, Any] = {}


def known(run: Run) -> Search:
    """The same search, worked on once for all tests of this module."""
    if not _ANSWERS:
        _ANSWERS.update(searched(run).summary)
        return Search.objects.get()
    search = request_search(by=world.ada(), run=run, terms=ASKED, enqueue=False)
    Part.objects.filter(job=search.code).update(state=PartState.DONE)
    Search.objects.filter(code=search.code).update(state=JobState.DONE, summary=_ANSWERS, finished_at=timezone.now())
    return Search.objects.get(code=search.code)


def test_it_begins_with_the_runs_best_and_ends_with_no_less(done: Run, admin: User):
    search = searched(done)
    rows = rows_of(done, list(done.top_results.values_list("permutation_index", flat=True)))
    passed = [row for row in rows.values() if row["gate"] == 2 and row["rating_notch"] <= notch_of("A")]
    kept = [row for row in passed if row["agency_ltv_ratio"] <= 0.55]
    best = max(kept, key=lambda row: (row["stress_passed"], row["day_one_value"]))
    summary = search.summary
    assert summary["grid"]["index"] == best["index"]
    assert summary["grid"]["objective"] == best["day_one_value"]
    assert summary["best"]["objective"] >= best["day_one_value"]
    assert summary["row"]["rating_notch"] <= notch_of("A")
    assert summary["row"]["agency_ltv_ratio"] <= 0.55 * (1 + 1e-9)
    assert search.done_count == search.total_count > 1


def test_its_answer_is_a_financing_like_any_other(done: Run, admin: User, signed_in: SignedIn):
    search = known(done)
    point = search.summary["best"]["point"]
    client = signed_in(admin)
    page = client.get(reverse("search", args=[search.code])).content.decode()
    address = reverse("search-point", args=[search.code, point])
    assert address in page
    answer = client.get(address)
    financing = Financing.objects.get()
    assert answer["Location"] == reverse("financing", args=[financing.code])
    assert financing.choice == search.summary["points"][point]
    assert (financing.terms, financing.snapshot) == (done.terms, done.snapshot)
    assert engine_deal(financing).choice.senior_coupon_rate == financing.choice["senior_coupon_rate"]
    assert reverse("search", args=[search.code]) in client.get(answer["Location"]).content.decode()
    assert client.get(address)["Location"] == answer["Location"]
    assert list(search.financings.all()) == [financing]


def test_what_it_did_not_find_is_not_there(done: Run, admin: User, other_sponsor: User):
    search = known(done)
    with pytest.raises(NotFound):
        open_found(by=admin, search=search, number=len(search.summary["points"]))
    with pytest.raises(NotFound):
        open_found(by=other_sponsor, search=search, number=0)


def test_the_page_shows_every_frontier_drawn_and_in_figures(done: Run, sponsor: User, signed_in: SignedIn):
    search = known(done)
    page = signed_in(sponsor).get(reverse("search", args=[search.code])).content.decode()
    shown = [name for name, steps in search.summary["frontiers"].items() if steps]
    assert len(shown) == 3
    assert page.count("<svg viewBox") == 3
    assert page.count("<polyline") >= 3
    for title in ("Day-one value by rating", "Day-one value by equity", "Day-one value by worst stress"):
        assert title in page
    step = search.summary["frontiers"]["rating_notch"][0]
    assert f"{step['found']['objective']:,.0f}" in page.replace("\N{MINUS SIGN}", "-")


def test_done_twice_it_is_the_same(done: Run, admin: User):
    search = known(done)
    assert queue_again(search, (JobState.DONE,))
    assert work(search.code)
    again = Search.objects.get(code=search.code)
    assert (again.state, again.summary) == (JobState.DONE, search.summary)


def test_nothing_found_is_said_with_the_limit_that_cannot_be_met(done: Run, sponsor: User, signed_in: SignedIn):
    limit = {"column": "agency_ltv_ratio", "operator": "<=", "value": 0.01}
    search = searched(done, {"limits": [limit], "effort": 500})
    page = signed_in(sponsor).get(reverse("search", args=[search.code])).content.decode()
    assert "Nothing was found" in page
    assert "at most 1.0%: cannot be met with these levers; the nearest found is" in page
    assert "Open as a financing" not in page


@pytest.mark.parametrize(
    ("unmet", "said"),
    [
        ({"limit": None, "alone": True, "reached": None, "reason": 5}, "stopped by: Insufficient capital."),
        (
            {
                "limit": {"column": "equity_ratio", "operator": ">=", "value": 0.25},
                "alone": True,
                "reached": 0.1873,
                "reason": 0,
            },
            "at least 25.0%: cannot be met with these levers; the nearest found is 18.7%.",
        ),
        (
            {
                "limit": {"column": "stress_passed", "operator": ">=", "value": 1.0},
                "alone": True,
                "reached": 0.0,
                "reason": 0,
            },
            "Every stress is survived: cannot be met with these levers; each structure found fails in some.",
        ),
        (
            {
                "limit": {"column": "rating_notch", "operator": "<=", "value": 1.0},
                "alone": False,
                "reached": 6.0,
                "reason": 0,
            },
            "Rating AAA or better: cannot be met together with the other limits; the nearest found is A.",
        ),
    ],
)
def test_each_reason_is_a_sentence(unmet: dict[str, Any], said: str):
    assert said in unmet_sentence(unmet)


# Asking


def test_it_is_asked_for_on_the_runs_page_and_kept_in_the_trail(done: Run, admin: User, signed_in: SignedIn):
    client = signed_in(admin)
    page = client.get(reverse("run-detail", args=[done.code])).content.decode()
    address = reverse("search-new", args=[done.code])
    assert f'action="{address}"' in page
    answer = client.post(address, POSTED)
    search = Search.objects.get()
    assert answer["Location"] == reverse("search", args=[search.code])
    assert search.terms["limits"] == ASKED["limits"][:1]
    assert (search.terms["seed"], search.terms["effort"]) == (3, 500)
    assert search.terms["levers"]["senior_coupon_rate"] == {"from": 0.05, "to": 0.07}
    entry = AuditEntry.objects.get(action="search.requested")
    assert entry.after is not None
    assert entry.after["run"] == str(done.code)
    assert "Waiting for a worker" in client.get(answer["Location"]).content.decode()


def test_levers_are_narrowed_and_limits_added(done: Run, admin: User, signed_in: SignedIn):
    typed = {
        **POSTED, "equity": "25", "stresses": "yes", "only-senior_tenor_years": "10",
        "senior_coupon_rate.from": "5", "senior_coupon_rate.to": "5.5",
        "limit-column": "llcr", "limit-operator": ">=", "limit-value": "1.3",
    }  # fmt: skip
    signed_in(admin).post(reverse("search-new", args=[done.code]), typed)
    terms = Search.objects.get().terms
    assert terms["levers"]["senior_tenor_years"] == [10]
    assert terms["levers"]["senior_coupon_rate"] == {"from": 0.05, "to": 0.055}
    assert {(each["column"], each["value"]) for each in terms["limits"][1:]} == {
        ("equity_ratio", 0.25), ("stress_passed", 1.0), ("llcr", 1.3),
    }  # fmt: skip
    assert [limit_words(each) for each in terms["limits"]][2:] == ["Every stress is survived", "LLCR at least 1.30x"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"equity": "250"}, "expected 0% to 100%, got 250%"),
        ({"equity": "a lot"}, "expected a number"),
        ({"rating": "B"}, "Minimum rating: expected one of"),
        ({"objective": "beauty"}, "Objective: expected one of"),
        (
            {"senior_coupon_rate.from": "6", "senior_coupon_rate.to": "5"},
            "expected a lowest value not above the highest",
        ),
        ({"senior_coupon_rate.to": "900"}, "expected 0.1% to 15%"),
        ({"effort": "3"}, "Structures tried: expected 500 to 200,000"),
        (
            {"limit-column": "llcr", "limit-operator": ">=", "limit-value": "x"},
            "Further limit 1, LLCR: expected a number",
        ),
        ({"limit-column": "llcr", "limit-operator": "!", "limit-value": "1"}, "choose a figure and an operator"),
    ],
)
def test_what_cannot_be_asked_is_told_at_its_field(
    done: Run, admin: User, signed_in: SignedIn, typed: dict[str, str], said: str
):
    answer = signed_in(admin).post(reverse("search-new", args=[done.code]), {**POSTED, **typed})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Search.objects.exists()


def test_a_run_that_is_not_done_is_not_searched(requested: Callable[..., Run], admin: User):
    with pytest.raises(Invalid, match="only a finished one is searched"):
        request_search(by=admin, run=requested(), terms={})


def test_rows_of_another_engine_are_not_begun_from(done: Run, admin: User):
    Run.objects.filter(code=done.code).update(engine_version="0.0")
    with pytest.raises(Invalid, match="run it again"):
        request_search(by=admin, run=done, terms={})


def test_only_those_who_may_run_may_search(done: Run, sponsor: User, other_sponsor: User):
    with pytest.raises(Forbidden):
        request_search(by=sponsor, run=done, terms={})
    with pytest.raises(NotFound):
        request_search(by=other_sponsor, run=done, terms={})


def test_one_person_has_three_under_way_at_most(done: Run, admin: User):
    for _ in range(3):
        request_search(by=admin, run=done, terms={}, enqueue=False)
    with pytest.raises(Invalid, match="3 of 3 jobs of the kind search"):
        request_search(by=admin, run=done, terms={}, enqueue=False)


def test_it_can_be_cancelled(done: Run, admin: User):
    search = request_search(by=admin, run=done, terms=ASKED, enqueue=False)
    cancel_job(by=admin, job=Search.objects.get(code=search.code))
    assert not work(search.code)
    assert Job.objects.get(code=search.code).state == JobState.CANCELLED
    assert AuditEntry.objects.filter(action="search.cancelled").exists()


def test_the_blank_form_asks_for_what_the_run_asked(done: Run):
    form = SearchForm.blank(done)
    terms = form.terms()
    assert form.problems == []
    assert terms["objective"] == done.objective
    assert terms["limits"] == [{"column": "rating_notch", "operator": "<=", "value": float(notch_of("BBB"))}]
