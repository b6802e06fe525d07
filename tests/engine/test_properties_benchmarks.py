"""The benchmarks measure what the product does: the same deals on every side, and a run that ranks."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import engine_side, million, numpy_waterfall
from benchmarks.deals import healthy_deals
from benchmarks.peers import deal_terms
from benchmarks.run import check_numpy
from engine.permutations import RANK_COLUMNS, rank
from permutations.files import RunFiles, chunk_file
from permutations.shards import read_alive, write_ranking


def test_calm_deals_pay_everyone_in_full():
    deals = healthy_deals(50)
    tables = engine_side.tables(deals)
    assert tables["senior_unpaid"].max() == 0.0
    assert tables["cash_trapped"].max() == 0.0
    paid = tables["senior_principal"].sum(0)
    assert paid == pytest.approx(deals.senior_schedule[0], rel=1e-12)
    assert tables["equity_distribution"].min() > 0.0


def test_the_sides_are_checked_before_they_are_timed(monkeypatch):
    deals = healthy_deals(5)
    check_numpy(deals, "calm")
    wrong = numpy_waterfall.run(deals)
    wrong["equity_distribution"][3, 2] += 1.0
    monkeypatch.setattr(numpy_waterfall, "run", lambda _: wrong)
    with pytest.raises(SystemExit, match="differs from the engine"):
        check_numpy(deals, "bent")


def test_a_peer_reads_the_deal_in_its_own_terms():
    deals = healthy_deals(3)
    terms = deal_terms(deals, 1)
    assert terms["senior_amount"] == deals.senior_schedule[0, 1]
    assert terms["senior_rate"] == pytest.approx(12 * deals.senior_rate[1])
    assert len(terms["cfads"]) == deals.months


def test_a_chunk_is_written_read_back_and_ranked(settings, tmp_path):
    settings.ATLASNEXUS_DATA_DIR = tmp_path
    case = million.demo_case()
    size = 4_000
    done = [million.run_chunk(k, k * size, (k + 1) * size) for k in range(2)]
    assert sum(chunk.evaluated for chunk in done) == 2 * size
    files = RunFiles(million.RUN_CODE)
    alive = read_alive(files, [chunk_file(n) for n in range(2)], RANK_COLUMNS)
    ranking = rank(alive, case.terms, 2 * size)
    write_ranking(files, [ranking])
    assert (files.folder / "ranking.parquet").exists()
    assert np.count_nonzero(alive["gate"] == 2) == sum(chunk.gate_b_alive for chunk in done)


def test_the_default_space_is_pruned_as_the_demo_says():
    case = million.demo_case()
    assert case.levers.size >= 900_000
    assert million.vast_case().levers.size > 10**16
