import errno
import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.http import QueryDict
from numpy.typing import NDArray

from accounts.models import AuditEntry, User
from engine.permutations import RESULT_COLUMNS, Case, Evaluated, evaluate, order
from jobs import claims
from jobs import work as job_work
from jobs.models import Job, JobState, Part, PartState
from jobs.queue import work_on
from jobs.services.cancel_job import cancel_job
from jobs.work import work
from lib.errors import Invalid
from notifications.models import Notification
from permutations import ranking, translate
from permutations import work as working
from permutations.files import RANKING_FILE, RunFiles
from permutations.models import Run, TopResult
from permutations.news import RUN_FAILED, RUN_FINISHED
from permutations.ranking import rank_run
from permutations.results import page_of_results, result_row
from permutations.services.resume_run import resume_run
from permutations.translate import run_case
from projects.models import Project
from tables.query import query_from_params
from tests.permutations.cast import SMALL_SIZE, fingerprints
from tests.permutations.conftest import small_run, worked

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def smallest_chunk() -> int:
    """Many chunks, to be taken one by one."""
    return 100


def test_a_run_ends_with_every_permutation_counted(done: Run):
    counts = done.summary["counts"]
    assert done.state == JobState.DONE
    assert done.done_count == counts["evaluated"] == SMALL_SIZE
    assert counts["gate_b_alive"] + sum(counts["reasons"].values()) == SMALL_SIZE
    assert sum(done.summary["tiers"].values()) == SMALL_SIZE
    assert done.started_at is not None
    assert done.finished_at is not None


def test_the_best_are_kept_as_rows_best_first(done: Run):
    top = list(TopResult.objects.filter(run=done))
    assert [result.rank for result in top] == list(range(1, len(top) + 1))
    assert top[0].permutation_index == done.summary["best"]["index"]
    # What survives every stress stands before what passed, and that before the near misses; each by value.
    order = [
        (gate := result.metrics["gate"], gate == 2 and result.metrics["stress_passed"], result.metrics["day_one_value"])
        for result in top
    ]
    assert order == sorted(order, reverse=True)


@pytest.mark.django_db(transaction=True)
def test_a_job_run_twice_changes_nothing(done: Run):
    before, row = fingerprints(done), Run.objects.values().get(id=done.pk)
    assert work_on(str(done.code)) == 0
    assert fingerprints(done) == before
    assert Run.objects.values().get(id=done.pk) == row


def test_a_chunk_evaluated_again_gives_the_same_bytes(done: Run):
    before, summary = fingerprints(done), done.summary
    Part.objects.filter(job=done.code).update(state=PartState.PENDING)
    Job.objects.filter(code=done.code).update(state=JobState.QUEUED)
    work(done.code)
    done.refresh_from_db()
    assert fingerprints(done) == before
    assert done.summary == summary


def test_the_order_of_chunks_does_not_show(done: Run, requested: Callable[..., Run], monkeypatch: pytest.MonkeyPatch):
    other = requested()

    def last_first(run: Run, worker: str) -> Part | None:
        chunk = Part.objects.filter(job=run.code, state=PartState.PENDING).order_by("is_closing", "-number").first()
        if chunk is not None:
            Part.objects.filter(pk=chunk.pk).update(state=PartState.CLAIMED, claimed_by=worker)
        return chunk

    monkeypatch.setattr(claims, "claim_part", last_first)
    work(other.code)
    other.refresh_from_db()
    assert fingerprints(other) == fingerprints(done)
    assert other.summary == done.summary


@pytest.mark.parametrize("chunk", [300, SMALL_SIZE])
def test_the_size_of_chunks_does_not_show_in_the_ranking(project: Project, done: Run, chunk: int):
    other = worked(small_run(project, chunk))
    assert other.chunk_count != done.chunk_count
    assert fingerprints(other)[RANKING_FILE] == fingerprints(done)[RANKING_FILE]
    assert other.summary == done.summary
    best = TopResult.objects.order_by("rank").values_list("rank", "permutation_index", "tier", "score", "metrics")
    # A senior structure's stress rows are named within its chunk.
    assert [row[:4] for row in best.filter(run=other)] == [row[:4] for row in best.filter(run=done)]


def test_a_ranking_by_way_of_the_disk_is_the_same_to_the_byte(
    project: Project, done: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ranking, "MOST_IN_MEMORY", 0)
    monkeypatch.setattr(order, "BUCKET_ROWS", 50)
    before = fingerprints(done)
    again = rank_run(done, run_case(done))
    # Once a run is done, the figures of its best are read with those of the ranking.
    metrics = [each["best"].pop("metrics") for each in (again, done.summary)]
    assert again == done.summary
    assert metrics[0]["day_one_value"] == metrics[1]["day_one_value"]
    assert fingerprints(done) == before


def test_a_sample_is_the_same_whatever_the_chunks(requested: Callable[..., Run]):
    runs = [requested(budget=1_000, seed=seed) for seed in (3, 3, 4)]
    for run in runs:
        work(run.code)
    first, again, other = (fingerprints(run) for run in runs)
    assert first == again
    assert first != other


def test_no_result_is_not_a_number(done: Run):
    query = query_from_params(QueryDict("column=day_one_value&column=sponsor_irr_rate&size=1000"))
    for row in page_of_results(done, query).rows:
        assert all(value is None or np.isfinite(value) for value in row)


class Fault:
    """The engine, with a fault at one permutation: an exception, or results that are not numbers."""

    def __init__(self, at: int, spoil: Callable[[Evaluated], None] | None = None) -> None:
        self.at, self.spoil = at, spoil

    def __call__(self, case: Case, indices: NDArray[np.int64]) -> Evaluated:
        hit = bool((indices == self.at).any())
        if hit and self.spoil is None:
            raise FloatingPointError("the formula has no answer here")
        evaluated = evaluate(case, indices)
        if hit and self.spoil:
            self.spoil(evaluated)
        return evaluated


def test_a_formula_without_an_answer_is_counted_and_the_rest_kept(
    requested: Callable[..., Run], done: Run, monkeypatch: pytest.MonkeyPatch
):
    module = importlib.import_module("engine.permutations.evaluate")
    walk, place = module.walk, [spec.name for spec in RESULT_COLUMNS].index("day_one_value")
    survivor = done.summary["best"]["index"]

    def walk_with_a_gap(
        resolved: Any, axes: Any, indices: NDArray[np.int64], out: NDArray[np.float64], stress: Any
    ) -> int:
        used: int = walk(resolved, axes, indices, out, stress)
        out[place, indices == survivor] = np.nan
        return used

    monkeypatch.setattr(module, "walk", walk_with_a_gap)
    run = requested()
    work(run.code)
    run.refresh_from_db()
    assert run.state == JobState.DONE
    assert run.summary["counts"]["reasons"]["MATH_ERROR"] == 1
    assert run.summary["counts"]["gate_b_alive"] == done.summary["counts"]["gate_b_alive"] - 1
    row = result_row(run, survivor)
    assert (row["reason"], row["tier"], row["rank"], row["day_one_value"]) == (30, 0, None, None)


def test_a_failure_is_kept_in_words_and_so_is_what_was_done(
    requested: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
):
    run = requested()
    monkeypatch.setattr(translate, "evaluate", Fault(at=1_000))
    assert work(run.code) == run.chunk_count - 1
    run.refresh_from_db()
    assert run.state == JobState.FAILED
    assert run.error == (
        "Chunk 9 (permutations 972 to 1,079 of the run) failed: FloatingPointError: the formula has no answer here"
    )
    assert run.chunks_done == run.chunk_count - 1
    aside = run.parts.get(state=PartState.ASIDE)
    assert (aside.number, aside.error, aside.claimed_by) == (9, run.error, "")
    assert not run.parts.filter(state=PartState.CLAIMED).exists()


def test_what_fails_chunk_after_chunk_is_not_tried_to_the_end(
    requested: Callable[..., Run], admin: User, monkeypatch: pytest.MonkeyPatch
):
    run = requested()

    def broken_disk(*_: Any) -> dict[str, str]:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(working, "write_shards", broken_disk)
        assert work(run.code) == 0
    run.refresh_from_db()
    assert run.state == JobState.FAILED
    assert len(run.error.splitlines()) == claims.MOST_ASIDE == run.parts.filter(state=PartState.ASIDE).count()
    assert "Chunk 0 (permutations 0 to 107 of the run) failed: OSError: [Errno 5] Input/output error" in run.error
    resume_run(by=admin, run=run, enqueue=False)
    assert set(run.parts.values_list("state", "error")) == {(PartState.PENDING, "")}


def test_without_room_a_run_waits_and_goes_on_once_there_is_some(
    requested: Callable[..., Run], done: Run, monkeypatch: pytest.MonkeyPatch
):
    run, tried = requested(), list[object]()

    def full_disk(*told: Any) -> dict[str, str]:
        tried.append(told)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(working, "write_shards", full_disk)
        broken.setattr(job_work, "PAUSES", ())
        assert work(run.code) == 0
    run.refresh_from_db()
    assert len(tried) == 1, "its worker is free for others"
    assert (run.state, run.error) == (JobState.WORKING, job_work.WAITS_FOR_ROOM)
    assert set(run.parts.values_list("state", "attempts")) == {(PartState.PENDING, 0)}
    assert work(run.code) == run.chunk_count + 1
    run.refresh_from_db()
    assert (run.state, run.error) == (JobState.DONE, "")
    assert fingerprints(run) == fingerprints(done)


def test_a_failed_run_goes_on_from_where_it_stopped(
    requested: Callable[..., Run], done: Run, admin: User, monkeypatch: pytest.MonkeyPatch
):
    run = requested()
    with monkeypatch.context() as broken:
        broken.setattr(translate, "evaluate", Fault(at=1_000))
        work(run.code)
    resume_run(by=admin, run=run, enqueue=False)
    finished = work(run.code)
    run.refresh_from_db()
    assert (run.state, run.error) == (JobState.DONE, "")
    assert finished == 2  # the chunk that was set aside, and the ranking
    assert fingerprints(run) == fingerprints(done)
    assert run.summary == done.summary


def test_an_infinite_result_never_reaches_a_file(requested: Callable[..., Run], monkeypatch: pytest.MonkeyPatch):
    def spoil(evaluated: Evaluated) -> None:
        evaluated.columns["senior_amount"][0] = np.inf

    run = requested()
    monkeypatch.setattr(translate, "evaluate", Fault(at=0, spoil=spoil))
    work(run.code)
    run.refresh_from_db()
    assert run.state == JobState.FAILED
    assert "senior_amount: expected a finite number or none, got inf" in run.error


def test_a_worker_taken_for_dead_fails_alone(requested: Callable[..., Run], monkeypatch: pytest.MonkeyPatch):
    run = requested()

    def lose_the_chunk_then_fail(case: Case, indices: NDArray[np.int64]) -> Evaluated:
        claimed = Part.objects.filter(job=run.code, state=PartState.CLAIMED)
        if indices[0] == 0 and claimed.update(claimed_by="another") == 1:
            raise OSError("swept away")
        return evaluate(case, indices)

    monkeypatch.setattr(translate, "evaluate", lose_the_chunk_then_fail)
    assert work(run.code) == run.chunk_count - 1
    run.refresh_from_db()
    assert (run.state, run.error) == (JobState.WORKING, "")


def test_what_a_killed_worker_left_half_written_is_swept_away(requested: Callable[..., Run], done: Run):
    run = requested()
    folder = RunFiles(run.code).folder
    folder.mkdir(parents=True)
    (folder / ".chunk-00000.parquet.abc").write_bytes(b"half")
    work(run.code)
    assert fingerprints(run) == fingerprints(done)


def test_a_cancelled_run_keeps_its_chunks_and_resumes(requested: Callable[..., Run], done: Run, admin: User):
    run = requested()

    def cancel_after_five(seen: Run) -> None:
        if seen.chunks_done == 5:
            cancel_job(by=admin, job=seen)

    assert work(run.code, after_part=cancel_after_five) == 5
    run.refresh_from_db()
    assert (run.state, run.chunks_done) == (JobState.CANCELLED, 5)
    assert work(run.code) == 0
    resume_run(by=admin, run=run, enqueue=False)
    assert work(run.code) == run.chunk_count - 5 + 1  # and the ranking
    assert fingerprints(run) == fingerprints(done)
    actions = list(AuditEntry.objects.filter(target_code=run.code).order_by("pk").values_list("action", flat=True))
    assert actions == ["run.requested", "run.cancelled", "run.resumed", "run.finished"]


def test_what_is_at_rest_is_neither_cancelled_nor_resumed(done: Run, admin: User):
    with pytest.raises(Invalid, match="nothing to cancel"):
        cancel_job(by=admin, job=done)
    with pytest.raises(Invalid, match="only a cancelled or failed run resumes"):
        resume_run(by=admin, run=done)


def test_a_run_under_way_is_not_gone_on_with_by_another_engine(requested: Callable[..., Run]):
    """An upgrade in the middle of a run: its chunks are of the engine that the run names, or there is no run."""
    run = requested()
    Run.objects.filter(id=run.pk).update(engine_version="0.0.1")
    assert work(run.code) == 0
    run.refresh_from_db()
    assert run.state == JobState.FAILED
    assert run.error.startswith("It began under engine 0.0.1")
    assert not Part.objects.filter(job=run.code, state=PartState.DONE).exists()


def test_a_run_of_another_engine_is_not_mixed_with_this_one(requested: Callable[..., Run], admin: User):
    run = requested()
    cancel_job(by=admin, job=run)
    Run.objects.filter(id=run.pk).update(engine_version="0.0.1")
    run.refresh_from_db()
    with pytest.raises(Invalid, match=r"began under engine 0\.0\.1"):
        resume_run(by=admin, run=run)


def test_a_run_without_survivors_is_done_and_says_so(requested: Callable[..., Run]):
    levers: dict[str, Any] = {"axes": {"senior_tenor_years": [30], "senior_dscr": [1.2, 1.3]}}
    run = requested(levers=levers)
    work(run.code)
    run.refresh_from_db()
    assert run.state == JobState.DONE
    assert run.summary["best"] is None
    assert run.summary["counts"]["gate_b_alive"] == 0
    assert run.summary["tiers"]["Not viable"] == 2


def test_one_permutation_is_a_run(requested: Callable[..., Run]):
    run = requested(levers={"axes": {}})
    work(run.code)
    run.refresh_from_db()
    assert (run.state, run.evaluated_count) == (JobState.DONE, 1)


def test_the_end_of_a_run_is_told_exactly_once(done: Run, admin: User, sponsor: User):
    work(done.code)
    claims.finish_part(done, done.parts.get(is_closing=True), "another", done.summary)
    told = Notification.objects.filter(kind=RUN_FINISHED)
    assert {(each.person, each.url) for each in told} == {
        (admin, f"/runs/{done.code}/"),
        (sponsor, f"/runs/{done.code}/"),
    }
    assert told.count() == 2
    assert AuditEntry.objects.filter(action="run.finished", target_code=done.code).count() == 1


def test_a_failed_run_says_why_to_who_asked_and_who_owns(requested: Callable[..., Run], sponsor: User, admin: User):
    run = requested()
    assert claims.fail(run, "Chunk 3 failed: the disk is full.")
    assert not claims.fail(run, "Chunk 4 failed: the disk is full.")
    told = Notification.objects.filter(kind=RUN_FAILED)
    assert {each.person for each in told} == {sponsor, admin}
    assert all("Chunk 3" in each.body for each in told)
    kept = AuditEntry.objects.values_list("after__error", flat=True).get(action="run.failed")
    assert kept == "Chunk 3 failed: the disk is full."
