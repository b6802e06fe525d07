"""Runs that keep rows of what passed or nearly did: every count, tier, rank and figure as of a run that keeps all."""

import importlib
import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts.models import User
from engine.deal.reasons import is_alive
from engine.permutations import AXES, RANK_COLUMNS, REASONS, TIERS, GateCounts, LeverSet, evaluate, evaluate_alive, rank
from financings.origins import origins_of
from jobs.models import JobState
from lib.errors import Invalid, NotFound
from permutations import estimates, kept, ranking
from permutations.estimates import estimate_of
from permutations.files import RANKING_FILE, RunFiles, chunk_file, kept_file, stress_file
from permutations.integrity import damages_of
from permutations.kept import drop_superseded
from permutations.models import Run, TopResult
from permutations.rejudging import rejudge
from permutations.results import count_results, result_row, row_total
from permutations.services.open_permutation import open_permutation
from permutations.services.request_run import LARGEST_BUDGET, LARGEST_WITHOUT_ALL, plan_run
from permutations.services.resume_run import resume_run
from permutations.translate import run_case
from permutations.views.figures import lever_lines
from projects.models import Project
from tables.query import query_from_params
from tests.permutations.cast import SMALL_LEVERS, SMALL_SIZE, fingerprints
from tests.permutations.conftest import small_run, worked

pytestmark = pytest.mark.django_db
RANKING_COLUMNS = ("rank", "score", "percentile", "tier", "merged_count", "representative")
FEW = 40


@pytest.fixture
def sparse(project: Project, done: Run) -> Run:
    """The same run, with rows of what is alive alone."""
    return worked(small_run(project, 300, all_rows=False))


@pytest.fixture
def best_only(project: Project, done: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same run, with rows of its best alone."""
    for module in (kept, ranking, estimates):
        monkeypatch.setattr(module, "MOST_KEPT", FEW)
    run = worked(small_run(project, 300, all_rows=False))
    drop_superseded(run)
    return run


def rows_in(run: Run, name: Callable[[int], str]) -> pa.Table:
    """The rows of all shards of a run, without the stress rows' names, which are told within a chunk."""
    tables = [pq.read_table(RunFiles(run.code).path(name(number))) for number in range(run.chunk_count)]
    return pa.concat_tables(tables).drop_columns(["stress_key"]).unify_dictionaries()


def counted(summary: dict[str, Any]) -> dict[str, Any]:
    """A summary without what says which rows are kept, and without the names of its best's stress rows."""
    best = {
        name: each for name, each in summary["best"]["metrics"].items() if name not in (*RANKING_COLUMNS, "stress_key")
    }
    told = {name: each for name, each in summary.items() if name not in ("rows", "files")}
    return {**told, "best": {**summary["best"], "metrics": best}}


def top_of(run: Run) -> list[tuple[Any, ...]]:
    return list(
        TopResult.objects.filter(run=run).order_by("rank").values_list("rank", "permutation_index", "tier", "score")
    )


def test_every_count_is_brute_forces(done: Run, sparse: Run):
    """Gates, reasons, lever values, tiers and the best, against all permutations evaluated and ranked at once."""
    case = run_case(sparse).case
    found = evaluate(case, np.arange(SMALL_SIZE)).columns
    alive = is_alive(found["gate"], found["near_miss"])
    ranked = rank({name: found[name][alive] for name in RANK_COLUMNS}, case.terms, SMALL_SIZE)
    counts = sparse.summary["counts"]
    assert counts["gate_b_alive"] == np.count_nonzero(found["gate"] == 2)
    assert counts["near_misses"] == np.count_nonzero(found["near_miss"] == 1)
    for code, name in REASONS.items():
        assert counts["reasons"].get(name, 0) == (np.count_nonzero(found["reason"] == code) if code else 0)
    for lever, values in sparse.lever_set["axes"].items():
        for value, told in zip(values, sparse.summary["by_lever"][lever], strict=True):
            codes, numbers = np.unique(found["reason"][found[lever] == value], return_counts=True)
            pairs = zip(codes.tolist(), numbers.tolist(), strict=True)
            assert told == {REASONS[code] if code else "passed": number for code, number in pairs}
    tiers = {TIERS[tier]: number for tier, number in ranked.tier_counts.items()}
    assert sparse.summary["tiers"] == tiers
    order = np.argsort(np.where(ranked.rank == 0, SMALL_SIZE, ranked.rank))[: np.count_nonzero(ranked.rank)][:1_000]
    brute = [
        (int(ranked.rank[k]), int(ranked.index[k]), TIERS[int(ranked.tier[k])], float(ranked.score[k])) for k in order
    ]
    assert top_of(sparse) == brute
    assert sparse.summary["distinct"] == np.count_nonzero(ranked.rank)


def test_what_is_alive_has_the_rows_it_has_where_all_are_kept(done: Run, sparse: Run):
    every = rows_in(done, chunk_file)
    alive = every.filter(pa.array(is_alive(every["gate"].to_numpy(), every["near_miss"].to_numpy())))
    assert rows_in(sparse, chunk_file).equals(alive)
    assert fingerprints(sparse)[RANKING_FILE] == fingerprints(done)[RANKING_FILE]
    assert counted(sparse.summary) == counted(done.summary)
    assert top_of(sparse) == top_of(done)
    assert sparse.summary["rows"] == {"alive": alive.num_rows, "kept": alive.num_rows, "only_best": False}
    assert row_total(sparse) == alive.num_rows < row_total(done)


def test_the_size_of_chunks_does_not_show(project: Project, sparse: Run):
    other = worked(small_run(project, 700, all_rows=False))
    assert other.chunk_count != sparse.chunk_count
    assert fingerprints(other)[RANKING_FILE] == fingerprints(sparse)[RANKING_FILE]
    assert rows_in(other, chunk_file).equals(rows_in(sparse, chunk_file))
    assert counted(other.summary) == counted(sparse.summary)


def test_the_best_are_kept_where_more_are_alive_than_may_be(done: Run, best_only: Run, sparse: Run):
    rows, ranks = rows_in(best_only, kept_file), pq.read_table(RunFiles(best_only.code).path(RANKING_FILE))
    assert counted(best_only.summary) == counted(done.summary)
    assert top_of(best_only) == top_of(done)
    assert rows["index"].to_pylist() == ranks["index"].to_pylist()
    assert best_only.summary["rows"]["kept"] == rows.num_rows == row_total(best_only)
    kept_ranks = sorted(ranks["rank"].to_pylist())
    assert kept_ranks[:FEW] == list(range(1, FEW + 1))
    every = pq.read_table(RunFiles(done.code).path(RANKING_FILE))
    assert ranks.equals(every.filter(pa.array(np.isin(every["index"].to_numpy(), ranks["index"].to_numpy()))))
    # Beyond the best, the first of each value of a lever and of each rating: `best of each` stays true.
    all_rows = rows_in(done, chunk_file)
    places = dict(zip(every["index"].to_pylist(), every["rank"].to_pylist(), strict=True))
    for column in (*SMALL_LEVERS["axes"], "rating_notch"):
        firsts: dict[Any, int] = {}
        for index, value in zip(all_rows["index"].to_pylist(), all_rows[column].to_pylist(), strict=True):
            if places.get(index):
                firsts[value] = min(firsts.get(value, SMALL_SIZE), places[index])
        assert set(firsts.values()) <= set(kept_ranks)


def test_a_permutation_without_a_row_is_evaluated_when_asked_for(done: Run, best_only: Run):
    held = set(rows_in(best_only, kept_file)["index"].to_pylist())
    every = rows_in(done, chunk_file)
    stopped, alive = (
        next(
            index
            for index, gate in zip(every["index"].to_pylist(), every["gate"].to_pylist(), strict=True)
            if index not in held and (gate == 2) is passed
        )
        for passed in (False, True)
    )
    for index in (stopped, alive):
        there, again = result_row(done, index), result_row(best_only, index)
        assert list(again) == list(there)
        told = {name: each for name, each in there.items() if name not in RANKING_COLUMNS}
        assert {name: each for name, each in again.items() if name not in RANKING_COLUMNS} == told
        assert (again["rank"], again["score"]) == (None, None)
    assert (result_row(best_only, stopped)["tier"], result_row(best_only, alive)["tier"]) == (0, None)
    with pytest.raises(NotFound):
        result_row(best_only, SMALL_SIZE)


def test_the_tier_of_one_that_is_alive_without_a_row_is_not_made_up(done: Run, best_only: Run, admin: User):
    held = set(rows_in(best_only, kept_file)["index"].to_pylist())
    alive = pq.read_table(RunFiles(done.code).path(RANKING_FILE))["index"].to_pylist()
    stopped = next(index for index in range(SMALL_SIZE) if index not in alive)
    without = next(index for index in alive if index not in held)
    Run.objects.filter(id=done.pk).update(state=JobState.CANCELLED)  # the other run alone answers
    for index, tier in ((without, ""), (stopped, "Not viable"), (next(iter(held)), "")):
        origin = origins_of(open_permutation(by=admin, run=best_only, index=index))[0]
        assert origin.number == index
        assert origin.tier == tier if index not in held else origin.tier in TIERS.values()


def test_chunks_give_way_to_the_best_of_them_and_nothing_is_missed(best_only: Run):
    files = set(fingerprints(best_only))
    numbers = range(best_only.chunk_count)
    assert files == {RANKING_FILE, *(stress_file(n) for n in numbers), *(kept_file(n) for n in numbers)}
    assert damages_of(best_only) == []
    assert rejudge(best_only).is_identical


@pytest.mark.parametrize("name", [kept_file(1), RANKING_FILE, stress_file(2)])
def test_what_is_damaged_of_the_best_is_made_again(best_only: Run, name: str):
    before = fingerprints(best_only)
    path = RunFiles(best_only.code).folder / name
    path.write_bytes(path.read_bytes()[:-9] + b"corrupted")
    assert [damage.name for damage in damages_of(best_only)] == [name]
    call_command("repair_runs", run=str(best_only.code))
    assert fingerprints(best_only) == before


def test_a_ranking_stopped_half_way_is_done_again(best_only: Run, admin: User, monkeypatch: pytest.MonkeyPatch):
    run = small_run(best_only.project, 300, all_rows=False)
    with monkeypatch.context() as broken:
        broken.setattr(ranking, "_keep_top", lambda *_: shutil.copy("/nowhere", "/nowhere"))
        worked(run)
    assert run.error.startswith("The ranking failed: FileNotFoundError")
    resume_run(by=admin, run=run, enqueue=False)
    drop_superseded(worked(run))
    assert fingerprints(run) == fingerprints(best_only)
    assert counted(run.summary) == counted(best_only.summary)


def test_pages_say_which_rows_are_kept_and_lead_to_no_others(
    best_only: Run, signed_in: Callable[[User], Client], admin: User
):
    page = signed_in(admin).get(reverse("run-detail", args=[best_only.code])).content.decode()
    results = signed_in(admin).get(reverse("results", args=[best_only.code])).content.decode()
    words = f"Rows are kept of the best {best_only.summary['rows']['kept']:,} outcomes by rank"
    assert words in page
    assert words in results
    assert "filter=reason" not in page
    assert "filter=tier%7C%3D%7CDiamond" in page or best_only.summary["tiers"]["Diamond"] == 0
    assert "filter=tier%7C%3D%7CNot" not in page
    assert f'data-total="{best_only.summary["rows"]["kept"]}"' in results


def test_each_value_of_a_lever_leads_to_as_many_rows_as_passed(done: Run, sparse: Run):
    for run in (done, sparse):
        lines = lever_lines(run)
        assert [label for label, _ in lines] == [AXES[code].label for code in SMALL_LEVERS["axes"]]
        for _, values in lines:
            assert sum(each.evaluated for each in values) == SMALL_SIZE
            for each in values:
                assert count_results(run, query_from_params(QueryDict(each.passed.query))) == each.passed.count


def test_a_run_that_keeps_all_says_nothing_of_rows(done: Run, signed_in: Callable[[User], Client], admin: User):
    page = signed_in(admin).get(reverse("run-detail", args=[done.code])).content.decode()
    assert "Rows are kept" not in page
    assert "filter=reason" in page


@pytest.mark.parametrize("block", [7, 300, 10_000])
def test_what_is_alive_is_the_same_whatever_the_blocks(done: Run, block: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importlib.import_module("engine.permutations.evaluate"), "BLOCK", block)
    case, indices = run_case(done).case, np.arange(100, 1_900)
    every, found = evaluate(case, indices), [*evaluate_alive(case, indices)]
    alive = is_alive(every.columns["gate"], every.columns["near_miss"])
    for name, values in every.columns.items():
        together = np.concatenate([each.columns[name] for each in found])
        np.testing.assert_array_equal(together, values[alive], err_msg=name)
    counts = GateCounts.total([each.counts for each in found])
    assert counts.by_reason == every.counts.by_reason
    assert (counts.evaluated, counts.near_misses) == (every.counts.evaluated, every.counts.near_misses)
    assert (counts.gate_a_alive, counts.gate_b_alive) == (every.counts.gate_a_alive, every.counts.gate_b_alive)
    for code, numbers in every.counts.by_lever.items():
        np.testing.assert_array_equal(counts.by_lever[code], numbers)


def vast(count: int) -> LeverSet:
    """A space of so many permutations, a power of ten above ten thousand."""
    targets = np.linspace(0.10, 0.40, 10_000).round(6).tolist()
    rents = np.linspace(100, 300, count // 10_000).round(4).tolist()
    return LeverSet.from_dict({"axes": {"rent_per_kw_month": rents[:10_000], "equity_irr_rate": targets}})


def test_a_large_run_keeps_what_is_alive_in_chunks_a_worker_can_hold():
    space = vast(100_000_000)
    plan = plan_run(space, LARGEST_BUDGET)
    assert (plan.evaluated, plan.keeps_all_rows) == (space.size, False)
    assert plan.chunk_size == LARGEST_WITHOUT_ALL
    assert plan_run(space, LARGEST_BUDGET, all_rows=True).keeps_all_rows
    small = plan_run(vast(1_000_000), LARGEST_BUDGET)
    assert small.keeps_all_rows
    assert not plan_run(vast(1_000_000), LARGEST_BUDGET, all_rows=False).keeps_all_rows


def test_all_rows_of_too_large_a_run_are_refused():
    axes = {**vast(100_000_000).to_dict()["axes"], "dsra_months": [3, 6]}
    space = LeverSet.from_dict({"axes": axes})
    with pytest.raises(Invalid, match="All rows are kept of at most 100,000,000 permutations, and 200,000,000"):
        plan_run(space, LARGEST_BUDGET, all_rows=True)


def test_a_run_is_measured_by_the_projects_last_and_refused_where_the_disk_is_too_full(
    project: Project, done: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(estimates, "MEANINGFUL", 1_000)
    counts = done.summary["counts"]
    share = (counts["gate_b_alive"] + counts["near_misses"]) / SMALL_SIZE
    few, all_rows = (estimate_of(100_000_000, project, all_rows=each) for each in (False, True))
    assert few.kept_bytes < all_rows.kept_bytes < all_rows.peak_bytes
    assert few.peak_bytes == pytest.approx(
        share * 1e8 * (estimates.ALIVE_ROW_BYTES + estimates.SPILL_BYTES)
        + kept.MOST_KEPT * (estimates.ALIVE_ROW_BYTES + estimates.RANKING_BYTES),
        rel=1e-6,
    )
    assert few.sentence.startswith("About ")
    usage = shutil.disk_usage("/")._replace(free=1_000_001_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(Invalid, match=r"of disk while it goes on, and 1\.0 GB are free: thin an axis"):
        small_run(project, 300)
