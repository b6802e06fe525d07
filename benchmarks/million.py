"""The demo run from permutation index to ranked Parquet: gates, waterfalls, every stress, ranking, on two processes.

As in the product, each process claims a chunk, evaluates it and writes its shards; the parent then ranks what is
alive. Django, the queue and the database are left out: `make run` shows those.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from engine.permutations import (
    DEFAULT_LEVERS,
    Case,
    Evaluated,
    LeverSet,
    Ranked,
    RankedBlock,
    evaluate,
    indices,
    tier_counts_of,
)
from engine.project import ProjectInputs
from engine.ratings.criteria import RuleSet
from engine.terms import StructuringTerms
from permutations.aside import Aside
from permutations.files import RunFiles
from permutations.shards import alive_of_blocks, write_ranking, write_shards

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = 2
CHUNK_SIZE = 32_768
RUN_CODE = "00000000-0000-4000-8000-000000000001"


@dataclass(frozen=True)
class ChunkDone:
    """What one chunk cost and left."""

    engine_seconds: float
    write_seconds: float
    peak_mb: float
    evaluated: int
    gate_a_alive: int
    gate_b_alive: int
    alive: int
    waterfalls: int
    stress_rows: int


@dataclass(frozen=True)
class MillionRun:
    """The whole run: wall seconds, seconds inside the engine by all processes, and memory at the peak."""

    chunks: tuple[ChunkDone, ...]
    evaluate_wall_seconds: float
    rank_seconds: float
    total_seconds: float
    parent_peak_mb: float
    workers_peak_mb: float
    parquet_mb: float
    tier_counts: dict[int, int]

    def total(self, name: str) -> float:
        """Sum of one figure over the chunks."""
        return float(sum(getattr(chunk, name) for chunk in self.chunks))


@cache
def demo_case() -> Case:
    """The demo project, its rules and the default lever set, read from the files the product seeds from."""
    document: dict[str, Any] = json.loads((ROOT / "projects" / "data" / "demo_project.json").read_text())
    rules: dict[str, Any] = json.loads((ROOT / "ratings" / "data" / "uk_eu_us_v2.json").read_text())
    return Case(
        ProjectInputs.from_dict(document["inputs"]),
        StructuringTerms.from_dict({}),
        RuleSet.from_dict({"version": "1", **rules["content"]}),
        DEFAULT_LEVERS,
    )


def use_folder(folder: str) -> None:
    """Point the product's own shard writer at `folder`; it needs no database and no app."""
    if not settings.configured:
        settings.configure(ATLASNEXUS_DATA_DIR=folder)


def start_worker(folder: str) -> None:
    """What a worker does once, before its first chunk: load the compiled kernels."""
    use_folder(folder)
    evaluate(demo_case(), np.zeros(1, dtype=np.int64))


def run_chunk(number: int, start: int, stop: int) -> ChunkDone:
    """Evaluate and write one chunk, in a worker process."""
    case = demo_case()
    began = time.perf_counter()
    evaluated = evaluate(case, indices(case.levers.size, None, 0, start, stop))
    computed = time.perf_counter()
    write_shards(RunFiles(RUN_CODE), number, [evaluated], case.levers)
    Aside(RUN_CODE).put_alive(number, alive_of_blocks([evaluated]))
    written = time.perf_counter()
    counts = evaluated.counts
    return ChunkDone(
        engine_seconds=computed - began,
        write_seconds=written - computed,
        peak_mb=peak_mb(),
        evaluated=counts.evaluated,
        gate_a_alive=counts.gate_a_alive,
        gate_b_alive=counts.gate_b_alive,
        alive=counts.gate_b_alive + counts.near_misses,
        waterfalls=count_waterfalls(case, evaluated),
        stress_rows=evaluated.stress["stress_key"].size,
    )


def count_waterfalls(case: Case, evaluated: Evaluated) -> int:
    """Distinct waterfalls behind a chunk's rows: the equity target alone never needs another."""
    columns = evaluated.columns
    priced = columns["index"][np.isfinite(columns["day_one_value"])]
    return int(np.unique(priced // case.axes.below_flow).size)


def peak_mb() -> float:
    """Resident memory of this process at its highest."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


@dataclass(frozen=True)
class SampleRun:
    """A sample out of a space far too large to walk: its size, the visits, processor seconds and memory."""

    space_size: int
    visited: int
    engine_seconds: float
    peak_mb: float


def vast_case() -> Case:
    """The demo project with rent, costs, PUE and equity target opened finely: some 10^16 permutations."""
    axes: dict[str, list[Any]] = {code: list(values) for code, values in DEFAULT_LEVERS.axes}
    axes["rent_per_kw_month"] = np.linspace(80, 140, 400).round(3).tolist()
    axes["opex_ratio"] = np.linspace(0.10, 0.20, 400).round(4).tolist()
    axes["pue"] = np.linspace(1.0, 1.4, 200).round(3).tolist()
    axes["equity_irr_rate"] = np.linspace(0.10, 0.30, 2000).round(4).tolist()
    return replace(demo_case(), levers=LeverSet.from_dict({"axes": axes}))


def sample_vast(visits: int) -> SampleRun:
    """A seeded sample of the vast space, chunk by chunk in this process; nothing of it is shared between visits."""
    case = vast_case()
    evaluate(case, np.zeros(1, dtype=np.int64))
    visited = indices(case.levers.size, visits, 7, 0, visits)
    began = time.process_time()
    for start in range(0, visits, CHUNK_SIZE):
        evaluate(case, visited[start : start + CHUNK_SIZE])
    return SampleRun(case.levers.size, visits, time.process_time() - began, peak_mb())


def run_sample(visits: int = 65_536) -> SampleRun:
    """The sample in a fresh process, so that its memory is its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(sample_vast, visits).result()


def run_million() -> MillionRun:
    """The demo run on two processes, in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        use_folder(folder)
        return _run_in(folder)


def _run_in(folder: str) -> MillionRun:
    case = demo_case()
    size = case.levers.size
    slices = [(k, at, min(at + CHUNK_SIZE, size)) for k, at in enumerate(range(0, size, CHUNK_SIZE))]
    fresh = multiprocessing.get_context("spawn")
    # Compiling takes memory no later run needs again: a process of its own fills the cache and ends.
    with ProcessPoolExecutor(1, fresh) as compiler:
        compiler.submit(start_worker, folder).result()
    with ProcessPoolExecutor(PROCESSES, fresh, start_worker, (folder,)) as pool:
        # Both workers are up and warm before the clock starts, as in a product that is running.
        list(pool.map(time.sleep, [0.2] * PROCESSES))
        began = time.perf_counter()
        done = list(pool.map(run_chunk, *zip(*slices, strict=True)))
        evaluated = time.perf_counter()
    files = RunFiles(RUN_CODE)
    rank_began = time.perf_counter()
    aside, tiers = Aside(RUN_CODE), list[Any]()
    ranking = Ranked(lambda: filter(None, map(aside.alive, range(len(slices)))), case.terms, size)

    def counted(block: RankedBlock) -> RankedBlock:
        tiers.append(block.tier)
        return block

    write_ranking(files, map(counted, ranking.blocks()))
    ranked = time.perf_counter()
    rank_seconds = ranked - rank_began
    return MillionRun(
        chunks=tuple(done),
        evaluate_wall_seconds=evaluated - began,
        rank_seconds=rank_seconds,
        total_seconds=evaluated - began + rank_seconds,
        parent_peak_mb=peak_mb(),
        workers_peak_mb=PROCESSES * max(chunk.peak_mb for chunk in done),
        parquet_mb=sum(path.stat().st_size for path in files.folder.iterdir()) / 1e6,
        tier_counts=tier_counts_of(tiers, size),
    )
