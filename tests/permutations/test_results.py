"""The explorer against a plain reading of the same files: every operator, sort and page."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.permutations import COLUMNS, TIERS
from jobs.models import Job
from jobs.work import work
from lib.errors import Invalid, NotFound
from permutations.files import RANKING_FILE, RunFiles, chunk_file
from permutations.models import Run, TopResult
from permutations.results import count_results, distributions, page_of_results, result_row, stress_rows
from tables.query import MAX_PAGE_SIZE, Filter, Query, Sort
from tests.permutations.cast import SMALL_SIZE

pytestmark = pytest.mark.django_db


Rows = list[dict[str, Any]]


_READ: dict[UUID, Rows] = {}


@pytest.fixture
def rows(done: Run) -> Rows:
    """Every permutation of the run with its ranking, joined by hand, once for the tests that share the run."""
    if done.code not in _READ:
        _READ[done.code] = joined(done)
    return _READ[done.code]


def joined(done: Run) -> Rows:
    files = RunFiles(done.code)
    shards = pa.concat_tables([pq.read_table(files.path(chunk_file(n))) for n in range(done.chunk_count)])
    ranking = {row["index"]: row for row in pq.read_table(files.path(RANKING_FILE)).to_pylist()}
    unranked = {"tier": 0, "rank": None, "score": None, "percentile": None, "merged_count": None}
    return [{**row, **ranking.get(row["index"], unranked)} for row in shards.to_pylist()]


def indices_of(run: Run, *filters: Filter) -> list[int]:
    query = Query(columns=("index",), filters=filters, sort=(Sort("index"),), page_size=MAX_PAGE_SIZE)
    page = page_of_results(run, query)
    assert page.total == count_results(run, query)
    found = list(page.keys)
    for number in range(2, page.page_count + 1):
        found += page_of_results(run, Query(("index",), filters, (Sort("index"),), number, MAX_PAGE_SIZE)).keys
    assert len(found) == page.total
    return found


def close(a: float | None, b: float) -> bool:
    return a is not None and abs(a - b) <= 1e-9 * max(1.0, abs(b))


MEDIAN = 1.4
CASES: list[tuple[Filter, Callable[[dict[str, Any]], bool]]] = [
    (Filter("dscr_minimum", ">", MEDIAN), lambda r: r["dscr_minimum"] is not None and r["dscr_minimum"] > MEDIAN),
    (Filter("dscr_minimum", ">=", MEDIAN), lambda r: r["dscr_minimum"] is not None and r["dscr_minimum"] >= MEDIAN),
    (Filter("dscr_minimum", "<", MEDIAN), lambda r: r["dscr_minimum"] is not None and r["dscr_minimum"] < MEDIAN),
    (Filter("dscr_minimum", "<=", "1.4"), lambda r: r["dscr_minimum"] is not None and r["dscr_minimum"] <= MEDIAN),
    (Filter("senior_coupon_rate", "=", 0.055), lambda r: close(r["senior_coupon_rate"], 0.055)),
    (Filter("senior_coupon_rate", "!=", 0.055), lambda r: not close(r["senior_coupon_rate"], 0.055)),
    (Filter("senior_coupon_rate", "=", 0.04 + 0.015), lambda r: close(r["senior_coupon_rate"], 0.055)),
    (Filter("senior_dscr", "between", [1.3, 1.4]), lambda r: 1.3 <= r["senior_dscr"] <= 1.4),
    (Filter("senior_dscr", "in", [1.2, 1.5]), lambda r: close(r["senior_dscr"], 1.2) or close(r["senior_dscr"], 1.5)),
    (Filter("senior_amortisation", "=", "sculpted"), lambda r: r["senior_amortisation"] == "sculpted"),
    (Filter("senior_amortisation", "=", "Straight line"), lambda r: r["senior_amortisation"] == "straight_line"),
    (Filter("senior_amortisation", "!=", "annuity"), lambda r: r["senior_amortisation"] != "annuity"),
    (
        Filter("senior_amortisation", "in", ["annuity", "sculpted"]),
        lambda r: r["senior_amortisation"] in ("annuity", "sculpted"),
    ),
    (Filter("gate", "=", 2), lambda r: r["gate"] == 2),
    (Filter("gate", "=", "passed"), lambda r: r["gate"] == 2),
    (Filter("reason", "!=", "None"), lambda r: r["reason"] != 0),
    (Filter("near_miss", "=", "yes"), lambda r: r["near_miss"] == 1),
    (Filter("tier", "=", "Diamond"), lambda r: r["tier"] == 4),
    (Filter("tier", ">=", "silver"), lambda r: r["tier"] >= 2),
    (Filter("tier", "=", "not viable"), lambda r: r["tier"] == 0),
    (Filter("rank", "<=", 10), lambda r: r["rank"] is not None and r["rank"] <= 10),
    (Filter("rank", "is null"), lambda r: r["rank"] is None),
    (Filter("score", "is not null"), lambda r: r["score"] is not None),
    (Filter("rating_notch", "<=", "BBB"), lambda r: r["rating_notch"] is not None and r["rating_notch"] <= 9),
    (Filter("senior_amount", "is null"), lambda r: r["senior_amount"] is None),
    (Filter("index", "between", [100, 200]), lambda r: 100 <= r["index"] <= 200),
    (Filter("index", "=", "17"), lambda r: r["index"] == 17),
    (Filter("index", "<", 17.5), lambda r: r["index"] < 17.5),
]


def test_filters_find_what_a_plain_reading_finds(done: Run, rows: Rows):
    assert len(rows) == SMALL_SIZE
    for condition, keeps in CASES:
        wanted = [row["index"] for row in rows if keeps(row)]
        assert indices_of(done, condition) == wanted, condition


def test_a_structure_at_a_limit_is_kept(done: Run, rows: Rows):
    """A limit typed beside a computed figure by its last digit is that figure; a millionth aside it is not."""
    row = next(row for row in rows if row["gate"] == 2)
    for column in ("dscr_minimum", "senior_amount"):
        value = row[column]
        up, down = float(np.nextafter(value, np.inf)), float(np.nextafter(value, -np.inf))
        aside = 1e-6 * value
        for condition, is_kept in (
            (Filter(column, ">=", up), True),
            (Filter(column, "<=", down), True),
            (Filter(column, "between", [up, up + aside]), True),
            (Filter(column, "between", [down - aside, down]), True),
            (Filter(column, ">", down), False),
            (Filter(column, "<", up), False),
            (Filter(column, ">=", value + aside), False),
            (Filter(column, "<=", value - aside), False),
            (Filter(column, ">", value - aside), True),
            (Filter(column, "<", value + aside), True),
        ):
            assert (row["index"] in indices_of(done, condition)) == is_kept, condition


def test_filters_hold_together(done: Run, rows: Rows):
    for first, second in pairwise(CASES):
        wanted = [row["index"] for row in rows if first[1](row) and second[1](row)]
        assert indices_of(done, first[0], second[0]) == wanted, (first[0], second[0])


@pytest.mark.parametrize(
    "column", ["day_one_value", "dscr_minimum", "rank", "tier", "senior_amortisation", "gate", "score"]
)
@pytest.mark.parametrize("descending", [False, True])
def test_any_column_sorts_with_empty_cells_last_and_ties_by_index(done: Run, rows: Rows, column: str, descending: bool):
    known = [row for row in rows if row[column] is not None]
    known.sort(key=lambda row: row[column], reverse=descending)
    expected = [row["index"] for row in known] + [row["index"] for row in rows if row[column] is None]
    query = Query(columns=("index", column), sort=(Sort(column, descending),), page_size=200)
    found = [
        index
        for number in (1, 2, 3)
        for index in page_of_results(done, Query(query.columns, (), query.sort, number, 200)).keys
    ]
    assert found == expected[:600]


def test_pages_are_disjoint_and_complete(done: Run):
    query = Query(columns=("index",), page_size=1000)
    pages = [page_of_results(done, Query(("index",), page=number, page_size=1000)) for number in range(1, 6)]
    assert (pages[0].total, pages[0].page_count) == (SMALL_SIZE, 4)
    assert [len(page.rows) for page in pages] == [1000, 1000, 1000, 456, 0]
    assert sorted(index for page in pages for index in page.keys) == list(range(SMALL_SIZE))
    assert page_of_results(done, query) == pages[0]


def test_chosen_columns_come_in_the_chosen_order(done: Run):
    page = page_of_results(done, Query(columns=("score", "index", "senior_dscr", "score")))
    assert [spec.name for spec in page.columns] == ["score", "index", "senior_dscr"]
    assert page.rows[0][1] == page.keys[0]


def test_the_first_page_is_the_best_by_rank(done: Run):
    page = page_of_results(done, Query())
    top = list(TopResult.objects.filter(run=done)[:50])
    assert list(page.keys[: len(top)]) == [result.permutation_index for result in top]


def test_a_permutation_that_was_never_ranked_is_not_viable(done: Run, rows: Rows):
    stopped = next(row["index"] for row in rows if row["gate"] == 0)
    row = result_row(done, stopped)
    assert TIERS[row["tier"]] == "Not viable"
    assert row["rank"] is None


def test_one_row_holds_every_column(done: Run, rows: Rows):
    row = result_row(done, 1_234)
    assert row["index"] == 1_234
    assert {name: row[name] for name in row} == {name: rows[1_234][name] for name in row}
    assert set(row) <= set(COLUMNS)


def test_what_was_not_evaluated_is_not_found(done: Run):
    for index in (-1, SMALL_SIZE, 2**62):
        with pytest.raises(NotFound):
            result_row(done, index)


def test_stress_rows_of_a_survivor(done: Run, rows: Rows):
    survivor = next(row for row in rows if row["gate"] == 2)
    grid = stress_rows(done, survivor["stress_key"])
    assert [row["scenario"] for row in grid] == sorted({row["scenario"] for row in grid})
    assert min(row["stressed_dscr"] for row in grid) == pytest.approx(survivor["worst_stressed_dscr"])
    assert stress_rows(done, None) == []


def test_distributions_count_every_ranked_permutation(done: Run, rows: Rows):
    alive = [row for row in rows if row["score"] is not None]
    for column, found in distributions(done).items():
        known = np.array([row[column] for row in alive if row[column] is not None])
        assert sum(sum(counts) for counts in found["tiers"].values()) == len(known)
        assert (found["edges"][0], found["edges"][-1]) == (known.min(), known.max())


HOSTILE = [
    'index"; DROP TABLE runs; --', "index) OR 1=1 --", "c.index", "*", "", "INDEX", "représentative", "read_text('/etc/passwd')",
    "representative", "row index",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_column_that_is_not_in_the_catalogue_is_refused_wherever_it_stands(done: Run, name: str):
    for query in (
        Query(columns=(name,)),
        Query(sort=(Sort(name),)),
        Query(filters=(Filter(name, "=", 1),)),
    ):
        with pytest.raises(Invalid, match="has no column"):
            page_of_results(done, query)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (Filter("dscr_minimum", "LIKE", "%"), "expected one of"),
        (Filter("dscr_minimum", "= 1 OR 1 =", "1"), "expected one of"),
        (Filter("dscr_minimum", "=", "1 OR 1=1"), "expected a number"),
        (Filter("dscr_minimum", "=", float("nan")), "expected a number"),
        (Filter("dscr_minimum", "=", "inf"), "expected a number"),
        (Filter("dscr_minimum", "=", None), "expected a number"),
        (Filter("dscr_minimum", "=", [1]), "expected a number"),
        (Filter("dscr_minimum", "=", 10**400), "expected a number"),
        (Filter("index", "=", 2**70), "expected a number"),
        (Filter("dscr_minimum", "between", [1]), "between expects two values"),
        (Filter("dscr_minimum", "in", []), "expected 1 to 100 values"),
        (Filter("dscr_minimum", "in", [1.0] * 1_001), "expected 1 to 100 values"),
        (Filter("senior_amortisation", "<", "annuity"), "expected one of"),
        (Filter("senior_amortisation", "=", "x' OR '1'='1"), "expected one of Annuity"),
        (Filter("tier", "=", "Platinum"), "expected one of Not viable"),
        (Filter("gate", "=", 9), "expected one of"),
        (Filter("near_miss", "=", "perhaps"), "expected one of No, Yes"),
    ],
)
def test_a_bad_filter_is_refused_in_words(done: Run, bad: Filter, words: str):
    with pytest.raises(Invalid, match=words):
        page_of_results(done, Query(filters=(bad,)))


@pytest.mark.parametrize(("number", "size"), [(0, 50), (-1, 50), (1, 0), (1, MAX_PAGE_SIZE + 1)])
def test_a_bad_page_is_refused(done: Run, number: int, size: int):
    with pytest.raises(Invalid):
        page_of_results(done, Query(page=number, page_size=size))


def test_every_problem_of_a_query_is_told_at_once(done: Run):
    query = Query(("nope",), (Filter("gate", "~", 1), Filter("gate", "=", 7)), (Sort("nor this"),), 0)
    with pytest.raises(Invalid) as refused:
        page_of_results(done, query)
    assert [problem.place for problem in refused.value.problems] == [
        "columns",
        "filters.0",
        "filters.1",
        "sort",
        "page",
    ]


def test_a_run_that_has_not_begun_says_so(requested: Callable[..., Run]):
    with pytest.raises(Invalid, match="No part of this run is finished yet"):
        page_of_results(requested(), Query())


def test_a_run_that_stopped_early_offers_its_finished_chunks(done: Run):
    done.parts.filter(number__gte=2).update(state="pending")
    Job.objects.filter(code=done.code).update(state="failed")
    done.refresh_from_db()
    page = page_of_results(done, Query(("index", "tier", "rank")))
    assert page.total == 2 * done.chunk_size
    assert {row[1:] for row in page.rows} == {(0, None)}


def test_a_sample_is_read_like_a_whole_space(requested: Callable[..., Run]):
    run = requested(budget=500, seed=1)
    work(run.code)
    run.refresh_from_db()
    page = page_of_results(run, Query(("index",), sort=(Sort("index", descending=True),)))
    assert page.total == 500
    assert result_row(run, page.keys[0])["index"] == page.keys[0]
