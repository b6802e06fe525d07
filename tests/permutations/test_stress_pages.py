"""The stress page of a permutation, where its run's ratings go, and what central banks say."""

from __future__ import annotations

from collections import Counter

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from engine.ratings import rating_label
from permutations.models import Run
from permutations.results import page_of_results
from permutations.results.migration import rating_migration
from permutations.results.reading import source_of, stress_rows
from permutations.translate import engine_case
from ratings.services.scenario_sets import create_scenario_set
from tables.query import Query
from tables.source import database

pytestmark = pytest.mark.django_db


@pytest.fixture
def best(done: Run) -> int:
    """The run's best permutation."""
    return page_of_results(done, Query()).keys[0]


def test_the_standard_grid_of_a_permutation(client: Client, sponsor: User, done: Run, best: int):
    client.force_login(sponsor)
    page = client.get(reverse("permutation-stress", args=[done.code, best])).content.decode()
    assert "CPI 2.5%, rates +200 bps, default 10%" in page
    assert "How far until it breaks" in page
    assert "not within" in page
    assert "stress-charts" in page
    assert "Where the run&#x27;s ratings go" in page or "Where the run's ratings go" in page


def test_a_set_of_ones_own(client: Client, sponsor: User, other_sponsor: User, done: Run, best: int):
    mine = create_scenario_set(by=sponsor, name="Mine", scenarios=[{"name": "Half empty", "vacancy_ratio": 0.5}])
    theirs = create_scenario_set(by=other_sponsor, name="Theirs", scenarios=[{"name": "Secret"}])
    client.force_login(sponsor)
    url = reverse("permutation-stress", args=[done.code, best])
    page = client.get(url, {"set": str(mine.code), "across": "opex", "down": "delay"}).content.decode()
    assert "Half empty" in page
    assert "of 1 fall below 1.00x" in page
    assert "Secret" not in page
    for wrong in ({"set": str(theirs.code)}, {"set": "x"}, {"across": "x"}):
        assert client.get(url, wrong).status_code == 404


def test_migration_counts_every_survivor_once(done: Run):
    """Against a count one permutation at a time."""
    last = len(engine_case(done).scenarios) - 1
    found = rating_migration(done, last)
    source = source_of(done)
    with database() as connection:
        sql = 'SELECT "rating_notch", "stress_key" FROM read_parquet(?) WHERE gate = 2'
        rows = connection.execute(sql, [list(source.files)]).fetchall()
    assert sum(row.total for row in found.rows) == len(rows) == done.gate_b_alive
    moved = {key: stress_rows(done, key)[last]["rating_notch"] for key in {key for _, key in rows}}
    expected = Counter((rating_label(base), rating_label(moved[key])) for base, key in rows)
    counted = {
        (row.rating, rating): number
        for row in found.rows
        for rating, number in zip(found.ratings, row.counts, strict=True)
        if number
    }
    assert counted == expected


def test_the_permutation_says_what_central_banks_ask(client: Client, sponsor: User, done: Run, best: int):
    client.force_login(sponsor)
    page = client.get(reverse("permutation-detail", args=[done.code, best])).content.decode()
    for words in ("Bank of England: Level C", "Asset class named by the bank", "Platform&#x27;s repo grid", "Missing"):
        assert words in page
