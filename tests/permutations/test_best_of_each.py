"""From a run's page to the rows behind each count, the best of each kind, and those beside one in rank."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from permutations.models import Run, TopResult
from permutations.results import source_of
from permutations.views.best import KINDS
from permutations.views.explorer import catalogue_of
from permutations.views.figures import funnel, tier_shares, top_columns
from tables.query import Query
from tables.reading import firsts_of, front_of, page_of
from tests.permutations.conftest import worked

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
FIGURES = ("rank", "senior_tenor_years", "day_one_value", "worst_stressed_dscr")


def ranked(run: Run) -> list[tuple[int, dict[str, float]]]:
    """Every ranked row, read plainly."""
    page = page_of(source_of(run), Query(columns=FIGURES, page_size=1000))
    rows = [dict(zip(FIGURES, row, strict=True)) for row in page.rows]
    return [(key, row) for key, row in zip(page.keys, rows, strict=True) if row["rank"]]


def test_the_first_of_each_value_is_its_best_by_rank(done: Run):
    best: dict[float, tuple[float, int]] = {}
    for key, row in ranked(done):
        best[row["senior_tenor_years"]] = min(best.get(row["senior_tenor_years"], (1e9, 0)), (row["rank"], key))
    expected = [key for _, key in sorted(best.values())]
    assert firsts_of(source_of(done), "senior_tenor_years", "rank", 40) == expected


def test_nothing_beats_the_front_in_both_figures(done: Run):
    points = [(row["day_one_value"], row["worst_stressed_dscr"], key) for key, row in ranked(done)]
    front = set(front_of(source_of(done), "day_one_value", "worst_stressed_dscr", "rank", 1000))
    at = {key: (x, y) for x, y, key in points}
    beaten = {key for x, y, key in points if any(u >= x and v >= y and (u, v) != (x, y) for u, v, _ in points)}
    assert front
    assert not front & beaten
    assert {at[key] for key in at.keys() - beaten} == {at[key] for key in front}


@pytest.mark.parametrize("kind", [kind.code for kind in KINDS])
def test_each_kind_has_its_page(done: Run, sponsor: User, signed_in: SignIn, kind: str):
    answer = signed_in(sponsor).get(reverse("run-best", args=[done.code]), {"by": kind})
    assert answer.context["kind"].code == kind
    assert answer.context["rows"]
    assert "data-picks" in answer.content.decode()


def test_a_lever_that_was_closed_is_no_kind(requested: Callable[..., Run], sponsor: User, signed_in: SignIn):
    run = worked(requested(levers={"axes": {"senior_tenor_years": [15, 18]}}))
    answer = signed_in(sponsor).get(reverse("run-best", args=[run.code]), {"by": "amortisation"})
    assert [each.code for each in answer.context["kinds"]] == ["tenor", "rating", "stress", "debt"]
    assert answer.context["kind"].code == "tenor"


def test_each_count_leads_to_so_many_rows(done: Run, sponsor: User, signed_in: SignIn):
    client = signed_in(sponsor)
    page = client.get(reverse("run-detail", args=[done.code])).content.decode()
    stages = funnel(done)
    lines = [line for stage in stages[1:] for line in (stage.passed, *stage.reasons)] + tier_shares(done)
    counted = [line for line in lines if line.count]
    assert len(counted) > 3
    linked = {unescape(each) for each in re.findall(r'href="([^"]*/results/\?filter=[^"]*)"', page)}
    for line in counted:
        address = f"{reverse('results', args=[done.code])}?{line.query}"
        assert address in linked
        assert client.get(address).context["page"].total == line.count, line.label


def test_the_table_begins_with_the_levers_that_were_varied(done: Run, sponsor: User, signed_in: SignIn):
    varied = [code for code, values in done.lever_set["axes"].items() if len(values) > 1]
    assert catalogue_of(done).default_columns[: 3 + len(varied)] == ("rank", "tier", "index", *varied)
    heads = signed_in(sponsor).get(reverse("results", args=[done.code])).context["heads"]
    assert [head["head"].name for head in heads][2 : 2 + len(varied)] == varied


def test_levers_alike_in_all_rows_take_no_column():
    rows = [{"senior_tenor_years": 10, "senior_dscr": 1.2}, {"senior_tenor_years": 12, "senior_dscr": 1.2}]
    assert "senior_tenor_years" in top_columns(rows)
    assert "senior_dscr" not in top_columns(rows)


def test_columns_stay_in_order_when_a_filter_is_applied(done: Run, sponsor: User, signed_in: SignIn):
    asked = {"column": ["index", "senior_amount", "tier", "score"], "order": "score,index,tier"}
    answer = signed_in(sponsor).get(reverse("results", args=[done.code]), asked)
    assert answer.context["query"].columns == ("score", "index", "tier", "senior_amount")


def test_ranks_beside_one_are_a_click_away(done: Run, admin: User, signed_in: SignIn):
    client, top = signed_in(admin), {each.rank: each.permutation_index for each in TopResult.objects.filter(run=done)}
    page = client.get(reverse("permutation", args=[done.code, top[2]]), follow=True).content.decode()
    for rank in (1, 3):
        assert f'href="{reverse("permutation", args=[done.code, top[rank]])}"' in page
    first = client.get(reverse("permutation", args=[done.code, top[1]]), follow=True).content.decode()
    assert 'rel="prev"' not in first


def test_a_run_that_is_not_ranked_has_no_best_yet(requested: Callable[..., Run], admin: User, signed_in: SignIn):
    run = requested()
    answer = signed_in(admin).get(reverse("run-best", args=[run.code]))
    assert (answer.status_code, answer.context["rows"]) == (200, [])
    assert "not ranked yet" in answer.content.decode()
