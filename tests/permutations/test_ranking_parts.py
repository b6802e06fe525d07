"""The ranking of a large run in parts: whoever does them, in whatever order, and whatever is lost between, one result."""

import random
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from accounts.models import User
from jobs import claims, queue
from jobs.models import Job, JobState, Part, PartState
from jobs.services.cancel_job import cancel_job
from jobs.work import work
from permutations import kept, models, ranking
from permutations.aside import Aside
from permutations.kept import drop_superseded, sweep_aside
from permutations.models import KEEPING, ORDERING, Run, TopResult
from permutations.services.resume_run import resume_run
from tests.permutations.cast import fingerprints

pytestmark = pytest.mark.django_db
Requested = Callable[..., Run]


@pytest.fixture(scope="module")
def smallest_chunk() -> int:
    """Several chunks to each part of the ranking."""
    return 300


@pytest.fixture(autouse=True)
def few_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of what is alive gives way, and a ranking is divided by three."""
    for module in (kept, ranking):
        monkeypatch.setattr(module, "MOST_KEPT", 200)
    monkeypatch.setattr(models, "MOST_SHELVES", 3)


def ended(run: Run) -> Run:
    run.refresh_from_db()
    assert run.state == JobState.DONE, run.error
    return run


def answer_of(run: Run) -> tuple[object, ...]:
    """What a run came to: its files, its summary, its best."""
    best = TopResult.objects.filter(run=run).order_by("rank")
    return (
        fingerprints(run),
        run.summary,
        list(best.values_list("rank", "permutation_index", "tier", "score", "metrics")),
    )


@pytest.fixture
def whole(requested: Requested) -> Run:
    """The same run, ranked by its closing part alone."""
    run = requested(all_rows=False)
    run.parts.filter(stage__gt=0).delete()
    work(run.code)
    return ended(run)


def chunks_done(run: Run) -> Run:
    """The run, with every chunk done and nothing of its ranking."""
    while run.chunks.exclude(state=PartState.DONE).exists():
        work(run.code, gives_way=lambda: True)
    return run


def test_a_large_runs_ranking_has_parts_and_a_small_ones_none(requested: Requested):
    large, small = requested(all_rows=False), requested()
    stages = list(large.parts.order_by("number").values_list("stage", "is_closing"))
    chunks = [(0, False)] * large.chunk_count
    assert stages == [*chunks, *[(ORDERING, False)] * 2, *[(KEEPING, False)] * 3, (0, True)]
    assert [number for shelf in large.shelves for number in shelf] == list(range(large.chunk_count))
    assert set(small.parts.values_list("stage", flat=True)) == {0}


def test_in_parts_or_at_once_the_result_is_the_same(requested: Requested, whole: Run):
    run = requested(all_rows=False)
    assert work(run.code) == run.chunk_count + 2 + 3 + 1
    assert answer_of(ended(run)) == answer_of(whole)
    assert run.summary["rows"]["only_best"]
    assert run.done_count == run.evaluated_count


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_parts_does_not_show(requested: Requested, whole: Run, monkeypatch: pytest.MonkeyPatch, seed: int):
    run, draw = chunks_done(requested(all_rows=False)), random.Random(seed)

    def any_of_its_stage(run: Run, worker: str) -> Part | None:
        pending = Part.objects.filter(job=run.code, state=PartState.PENDING).order_by("number")
        first = pending.order_by("is_closing", "stage").first()
        if first is None:
            return None
        part = draw.choice(pending.filter(stage=first.stage, is_closing=first.is_closing))
        Part.objects.filter(pk=part.pk).update(state=PartState.CLAIMED, claimed_by=worker)
        return part

    monkeypatch.setattr(claims, "claim_part", any_of_its_stage)
    work(run.code)
    assert answer_of(ended(run)) == answer_of(whole)


def test_a_stage_waits_for_the_one_before_and_is_then_done_by_several(requested: Requested):
    run = chunks_done(requested(all_rows=False))
    first, second = (claims.claim_part(run, name) for name in ("a", "b"))
    assert first is not None
    assert second is not None
    assert (first.stage, second.stage) == (ORDERING, ORDERING)
    assert claims.claim_part(run, "c") is None
    assert claims.finish_part(run, first, "a", {})
    assert claims.claim_part(run, "c") is None
    assert claims.open_stage(run) == ORDERING
    assert claims.finish_part(run, second, "b", {})
    assert claims.open_stage(run) == KEEPING
    assert [part.stage for name in "abc" if (part := claims.claim_part(run, name))] == [KEEPING] * 3
    assert claims.claim_part(run, "d") is None


@pytest.mark.django_db(transaction=True)
def test_whoever_opens_a_stage_invites_the_others(requested: Requested, monkeypatch: pytest.MonkeyPatch, settings: Any):
    run, invited = requested(all_rows=False), list[tuple[int | None, int | None]]()
    settings.ATLASNEXUS_WORKERS = 3

    def enqueued(job: Job, count: int | None = None) -> int:
        invited.append((claims.open_stage(job), count))
        return 0

    monkeypatch.setattr(queue, "enqueue_job", enqueued)
    assert queue.work_on(str(run.code)) == run.parts.count()
    assert invited == [(ORDERING, 2), (KEEPING, 2)]


@pytest.mark.parametrize("done_before", range(6))
def test_what_was_put_aside_may_be_lost_at_any_time(requested: Requested, whole: Run, done_before: int):
    run = chunks_done(requested(all_rows=False))
    for _ in range(done_before):
        work(run.code, gives_way=lambda: True)
    shutil.rmtree(Aside(run.code).folder)
    work(run.code)
    assert answer_of(ended(run)) == answer_of(whole)


def test_a_part_that_fails_is_set_aside_and_goes_on_when_resumed(
    requested: Requested, whole: Run, admin: User, monkeypatch: pytest.MonkeyPatch
):
    run = chunks_done(requested(all_rows=False))
    with monkeypatch.context() as broken:
        broken.setattr(ranking, "Standing", lambda *_: 1 / 0)
        assert work(run.code) == 1
    run.refresh_from_db()
    assert (run.state, run.error) == (JobState.FAILED, "The ranking failed: ZeroDivisionError: division by zero")
    resume_run(by=admin, run=run, enqueue=False)
    assert work(run.code) == 1 + 3 + 1
    assert answer_of(ended(run)) == answer_of(whole)


def test_cancelled_while_it_ranks_and_swept_it_goes_on(requested: Requested, whole: Run, admin: User):
    run = chunks_done(requested(all_rows=False))
    assert work(run.code, gives_way=lambda: True) == 1
    cancel_job(by=admin, job=run)
    assert sweep_aside() >= 1
    assert not Aside(run.code).folder.exists()
    resume_run(by=admin, run=run, enqueue=False)
    work(run.code)
    assert answer_of(ended(run)) == answer_of(whole)


def test_what_was_put_aside_is_gone_in_the_end_and_kept_till_then(requested: Requested, whole: Run):
    run = chunks_done(requested(all_rows=False))
    folder = settings.ATLASNEXUS_DATA_DIR / "spill" / str(run.code)
    sweep_aside()
    assert folder.exists()
    work(run.code)
    drop_superseded(ended(run))
    assert not folder.exists()
