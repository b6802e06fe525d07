"""Where a run's ratings go under a scenario."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.ratings import rating_label
from permutations.models import Run
from permutations.results.migration import rating_migration
from permutations.results.reading import source_of, stress_rows
from permutations.translate import engine_case
from tables.source import database

pytestmark = pytest.mark.django_db


def test_migration_counts_every_survivor_once(done: Run):
    """Against a count one permutation at a time."""
    last = engine_case(done).plain_count - 1
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
