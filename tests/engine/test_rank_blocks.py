"""A ranking by blocks and buckets is the ranking of all rows at once, to the bit."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine.permutations import RANK_COLUMNS, Alive, Ranked, order, rank, tier_counts_of
from engine.permutations.order import MemoryShelf, Order, key_of
from engine.terms import Objective, StructuringTerms
from permutations.shelves import on_disk

ROWS, EVALUATED = 3_000, 9_000
RANKED = ("index", "score", "percentile", "tier", "rank", "merged_count", "representative")


def columns(seed=1):
    """Rows with many ties, few distinct outcomes and no return here and there."""
    draw = np.random.default_rng(seed)
    coarse = {name: draw.integers(0, 6, ROWS) / 4 for name in RANK_COLUMNS}
    coarse["sponsor_irr_rate"][draw.random(ROWS) < 0.2] = np.nan
    coarse["day_one_value"] -= 0.5
    for name in ("mezz_amount", "equity_proceeds_amount", "dscr_average", "worst_stressed_dscr", "senior_amount"):
        coarse[name][:] = 1.0
    gate = draw.choice([1, 2], ROWS)
    whole = {
        "index": np.sort(draw.choice(10**12, ROWS, replace=False)),
        "gate": gate,
        "near_miss": 2 - gate,
        "rating_notch": draw.integers(1, 4, ROWS),
        "stress_passed": draw.integers(0, 2, ROWS),
        "instruments": draw.integers(0, 5, ROWS),
        "flags": draw.choice([0, 1, 128], ROWS),
    }
    return {**coarse, **whole}


def in_blocks(rows, size):
    return [Alive.of({name: each[at : at + size] for name, each in rows.items()}) for at in range(0, ROWS, size)]


def joined(parts, name):
    return np.concatenate([getattr(part, name) for part in parts])


@pytest.mark.parametrize("objective", list(Objective))
@pytest.mark.parametrize(
    ("block", "bucket", "shelf"), [(37, 50, MemoryShelf), (1_000, 700, on_disk), (2_999, 3, MemoryShelf)]
)
def test_blocks_and_buckets_change_nothing(monkeypatch, settings, tmp_path, objective, block, bucket, shelf):
    settings.ATLASNEXUS_DATA_DIR = tmp_path
    rows, terms = columns(), StructuringTerms.from_dict({"objective": objective.value})
    expected = rank(rows, terms, EVALUATED)
    monkeypatch.setattr(order, "BUCKET_ROWS", bucket)
    ranked = Ranked(lambda: in_blocks(rows, block), terms, EVALUATED, shelf)
    parts = list(ranked.blocks())
    for name in RANKED:
        assert_array_equal(joined(parts, name), getattr(expected, name), err_msg=name)
    assert ranked.distinct_count == expected.rank.max()
    assert 1 < ranked.distinct_count < ROWS
    assert tier_counts_of((part.tier for part in parts), EVALUATED) == expected.tier_counts
    assert_array_equal(joined(ranked.blocks(), "rank"), expected.rank, err_msg="read again")


@pytest.mark.parametrize("values", [
    [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, np.nan, 5e-324, -5e-324],
    [np.nan] * 10,
    [7.0] * 10,
])  # fmt: skip
def test_keys_sort_as_their_numbers_do(monkeypatch, values):
    monkeypatch.setattr(order, "BUCKET_ROWS", 2)
    numbers, group = np.array(values), np.arange(10) % 2
    keys = key_of(group, numbers, -numbers)
    found = Order(keys, 10, MemoryShelf)
    found.add(keys)
    found.settle()
    expected = np.empty(10, dtype=np.int64)
    expected[np.lexsort((-numbers, numbers, group))] = np.arange(10)
    assert found.take(keys).tolist() == expected.tolist()


def test_a_bucket_of_one_key_is_never_sorted(monkeypatch):
    """However many rows share a score, no more than a bucket's are held."""
    monkeypatch.setattr(order, "BUCKET_ROWS", 100)
    most, sorting = [0], order.sorted_order

    def watched(keys):
        most.append(len(keys))
        return sorting(keys)

    monkeypatch.setattr(order, "sorted_order", watched)
    values = np.concatenate([np.full(8_000, 3.0), np.arange(2_000.0)])
    keys = key_of(np.zeros(values.size), values)
    found = Order(keys[::10], values.size, MemoryShelf)
    most.clear()
    found.add(keys)
    found.settle()
    assert max(most) < 400
    assert found.take(keys)[8_000:8_004].tolist() == [0, 1, 2, 8_003]


def test_memory_does_not_follow_the_number_of_rows(monkeypatch, settings, tmp_path):
    """Twenty times the rows, on shelves of disk, take less than twice the memory."""
    settings.ATLASNEXUS_DATA_DIR = tmp_path
    monkeypatch.setattr(order, "BUCKET_ROWS", 3_000)
    few, many = (peak_of_ranking(blocks) for blocks in (2, 40))
    assert many < 2 * few


def peak_of_ranking(count):
    """Bytes that NumPy and Python held at most while `count` blocks were ranked and let go."""

    def blocks():
        for seed in range(count):
            rows = columns(seed)
            rows["index"] = np.arange(ROWS) + seed * ROWS
            yield Alive.of(rows)

    tracemalloc.start()
    try:
        for _ in Ranked(blocks, StructuringTerms.from_dict({}), 10_000_000, on_disk).blocks():
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
