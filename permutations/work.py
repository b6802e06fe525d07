"""A part of a run: a chunk evaluated and written, or, once all are, the ranking or a part of it."""

from __future__ import annotations

import time
from typing import Any

import structlog
from django.db.models import F

from jobs.models import JobState, Part
from jobs.registry import Answer
from jobs.work import Held
from permutations.aside import Aside
from permutations.files import RunFiles
from permutations.integrity import FILES
from permutations.models import KEEPING, Run
from permutations.ranking import rank_part, rank_run
from permutations.shards import alive_of_blocks, write_shards
from permutations.translate import RunCase, chunk_blocks, chunk_counts, run_case

log = structlog.get_logger(__name__)


def work_on_run(run: Run, held: Held) -> Answer:
    """The counts of a chunk that is on disk now, or what a part of the ranking gathered; of the closing part the run's summary."""
    case, part = held.once("case", lambda: run_case(run)), held.part
    if part.is_closing and not run.parts.filter(stage=KEEPING).exists():
        return rank_run(run, case)
    return rank_part(run, case, part) if part.is_closing or part.stage else _evaluate_chunk(run, case, part)


def _evaluate_chunk(run: Run, case: RunCase, chunk: Part) -> Answer:
    began = time.perf_counter()
    blocks = chunk_blocks(run, case, chunk.start, chunk.stop)
    calculated = time.perf_counter()
    written = write_shards(RunFiles(run.code), chunk.number, blocks, case.case.levers)
    Aside(run.code).put_alive(chunk.number, alive_of_blocks(blocks))
    log.info(
        "chunk_written",
        run=str(run.code),
        chunk=chunk.number,
        engine_seconds=round(calculated - began, 3),
        write_seconds=round(time.perf_counter() - calculated, 3),
    )
    return {**chunk_counts(blocks), FILES: written}


def count_chunk(run: Run, counts: Answer) -> None:
    """Nothing; the counts of one chunk are added to the run's; parts of the ranking have none."""
    if "gate_a_alive" not in counts:
        return
    Run.objects.filter(id=run.pk).update(
        chunks_done=F("chunks_done") + 1,
        gate_a_alive=F("gate_a_alive") + counts["gate_a_alive"],
        gate_b_alive=F("gate_b_alive") + counts["gate_b_alive"],
    )


def run_progress(run: Run) -> dict[str, Any]:
    """What a run's page shows beside what every job's does: counts at each gate, chunks, and the stage in words."""
    found: dict[str, Any] = {
        "evaluated_count": run.evaluated_count,
        "gate_a_alive": run.gate_a_alive,
        "gate_b_alive": run.gate_b_alive,
        "chunks_done": run.chunks_done,
        "chunk_count": run.chunk_count,
    }
    if run.state == JobState.WORKING:
        found["sentence"] = "Evaluating" if run.chunks_done < run.chunk_count else "Ranking what passed"
    return found


def place_in_run(part: Part) -> str:
    """A part of a run in words, for messages."""
    if part.is_closing or part.stage:
        return "the ranking"
    return f"chunk {part.number} (permutations {part.start:,} to {part.stop - 1:,} of the run)"
