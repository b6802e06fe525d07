"""Runs side by side: what differs, how many passed, what was best of each; kept under a name and opened by link."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from financings.services.keep_comparison import drop_comparison, note_comparison
from financings.words import cell
from lib import figures
from lib.errors import Invalid, NotFound
from permutations.access import get_comparison
from permutations.comparison import Line, compared
from permutations.models import Run, RunComparison, TopResult
from permutations.results import source_of
from permutations.services.keep_comparison import keep_comparison
from projects.services import create_project
from tables.query import Query
from tables.reading import page_of
from tests.permutations.cast import SMALL_LEVERS
from tests.permutations.conftest import small_run, worked
from tests.projects.cast import put
from tests.projects.reviewed import approved

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
FEWER = {"axes": {**SMALL_LEVERS["axes"], "senior_tenor_years": [10, 15]}}


@pytest.fixture
def elsewhere(done: Run, sponsor: User, admin: User, smallest_chunk: int) -> Run:
    """A run of another project: a dearer tenant, fewer tenors, another discount rate."""
    inputs = put(dict(done.project.inputs), "revenue.rent_amount", 140.0)
    other = approved(create_project(by=sponsor, title="Second campus", inputs=inputs), by=admin)
    return worked(small_run(other, smallest_chunk, levers=FEWER, terms={"capitalisation_rate": 0.065}))


def lines_of(runs: list[Run]) -> dict[str, dict[str, Line]]:
    return {title: {line.label: line for line in lines} for title, lines in compared(runs)}


def test_what_differs_is_told_and_what_is_alike_is_not_marked(done: Run, elsewhere: Run):
    found = lines_of([done, elsewhere])
    assert found["Settings"]["Project"].texts == (done.project.title, "Second campus")
    assert not found["Settings"]["Seed"].differs
    assert found["Levers"]["Senior tenor"].texts == ("10, 15, 20", "10, 15")
    assert found["Assumptions that differ"].keys() == {"Capitalisation rate"}
    assert found["Inputs that differ"].keys() == {"Rent"}


def test_counts_are_those_of_the_runs(done: Run, elsewhere: Run):
    runs = [done, elsewhere]
    found = lines_of(runs)
    assert found["How many passed"]["Passed Gate B"].texts == tuple(figures.count(run.gate_b_alive) for run in runs)
    for title, of in (
        ("Tiers", lambda run: run.summary["tiers"]),
        ("First reason of those that did not", lambda run: run.summary["counts"]["reasons"]),
    ):
        for at, run in enumerate(runs):
            told = sum(int(line.texts[at].replace(",", "")) for line in found[title].values())
            assert told == sum(of(run).values()), title


def test_the_best_of_each_tenor_is_the_best_by_rank(done: Run, elsewhere: Run):
    best: dict[float, tuple[float, float]] = {}
    page = page_of(source_of(done), Query(columns=("rank", "senior_tenor_years", "score"), page_size=1000))
    for rank, tenor, score in page.rows:
        if rank:
            best[tenor] = min(best.get(tenor, (1e9, 0.0)), (rank, score))
    lines = lines_of([done, elsewhere])["Best score of each senior tenor"]
    for tenor, (_, score) in best.items():
        assert lines[cell("senior_tenor_years", tenor).text].texts[0] == cell("score", score).text
    assert lines[cell("senior_tenor_years", 20).text].texts[1] == figures.DASH
    top = TopResult.objects.get(run=done, rank=1)
    assert lines_of([done, elsewhere])["Best structure"]["Tier"].permutations[0] == top.permutation_index


def test_a_run_that_is_not_done_is_compared_by_what_it_asks(done: Run, requested: Callable[..., Run]):
    found = lines_of([done, requested(seed=7)])
    assert found["Settings"]["Seed"].texts == ("0", "7")
    assert found["Best structure"]["Tier"].texts[1] == figures.DASH


def test_kept_under_a_name_shared_by_link_and_dropped(
    done: Run, elsewhere: Run, sponsor: User, other_sponsor: User, internal: User, signed_in: SignedIn
):
    client, query = signed_in(sponsor), f"of={done.code}&of={elsewhere.code}"
    page = client.get(f"{reverse('runs-compare')}?{query}").content.decode()
    assert "Compare 2 runs" in page
    assert "Capitalisation rate" in page
    answer = client.post(reverse("run-comparison-keep"), {"of": [done.code, elsewhere.code], "name": " Two  campuses "})
    kept = RunComparison.objects.get()
    assert (kept.name, answer.headers["Location"]) == ("Two campuses", reverse("run-comparison", args=[kept.code]))
    assert "Two campuses" in client.get(reverse("runs-list")).content.decode()
    assert "Kept by" in signed_in(internal).get(answer.headers["Location"]).content.decode()
    with pytest.raises(NotFound):
        get_comparison(other_sponsor, kept.code)
    with pytest.raises(Invalid, match="you have a comparison called Two campuses"):
        keep_comparison(by=sponsor, runs=[done, elsewhere], name="Two campuses")
    assert signed_in(internal).post(reverse("run-comparison-drop", args=[kept.code])).status_code == 403
    note = reverse("run-comparison-note", args=[kept.code])
    assert signed_in(internal).post(note, {"name": "Theirs"}).status_code == 403
    form = {"name": "Both", "note": "For the committee.", "is_starred": "yes"}
    page = client.post(note, form, follow=True).content.decode()
    assert "For the committee." in page
    assert "Both" in client.get(reverse("find"), {"q": "committee"}).content.decode()
    listed = client.get(reverse("runs-list")).content.decode()
    assert listed.index("★") < listed.index("Both") < listed.index("For the committee.")
    with pytest.raises(Invalid, match="give the comparison a name"):
        note_comparison(by=sponsor, kept=kept, name=" ", note="", is_starred=False)
    kept.refresh_from_db()
    drop_comparison(by=sponsor, kept=kept)
    told = list(AuditEntry.objects.filter(action__startswith="run_comparison").values_list("action", flat=True))
    assert sorted(told) == ["run_comparison.dropped", "run_comparison.kept", "run_comparison.noted"]


@pytest.mark.parametrize("number", [0, 1, 7])
def test_two_to_six_are_compared(number: int, done: Run, sponsor: User, signed_in: SignedIn):
    codes = [str(done.code), *(f"00000000-0000-4000-8000-00000000000{at}" for at in range(6))][:number]
    answer = signed_in(sponsor).get(reverse("runs-compare"), {"of": codes})
    assert answer.status_code == 400
    assert f"tick 2 to 6 runs in a list, got {number}" in answer.content.decode()
    with pytest.raises(Invalid, match="tick 2 to 6"):
        keep_comparison(by=sponsor, runs=[done] * number, name="x")
