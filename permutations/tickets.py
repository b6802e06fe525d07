"""Tickets: rq jobs that each invite one worker to a run. A ticket too many finds nothing to do and ends."""

from __future__ import annotations

import uuid

import structlog
from django.conf import settings
from django_rq import get_queue
from redis.exceptions import RedisError

from permutations.models import Impact, RuleSetTrial, Run, Simulation

QUEUE_NAME = "runs"
FAILED_TICKET_SECONDS = 24 * 60 * 60

log = structlog.get_logger(__name__)


def workers_wanted() -> int:
    """How many workers a run invites."""
    return int(settings.ATLASNEXUS_WORKERS)


def enqueue_tickets(run: Run, count: int) -> int:
    """How many tickets reached the queue; 0 when Redis is away, which the watcher makes good later."""
    try:
        # The caller's transaction is over: the ticket must be there now, not after another commit.
        queue = get_queue(QUEUE_NAME, commit_mode="auto")
        for _ in range(count):
            queue.enqueue(
                "permutations.jobs.work_on_run",
                str(run.code),
                job_id=f"{_prefix(run)}{uuid.uuid4().hex[:12]}",
                job_timeout=-1,
                result_ttl=0,
                failure_ttl=FAILED_TICKET_SECONDS,
            )
    except (RedisError, OSError) as error:
        log.warning("tickets_not_queued", run=str(run.code), reason=str(error))
        return 0
    return count


def queued_tickets(run: Run) -> int | None:
    """How many of the run's tickets wait in the queue; None when Redis is away."""
    try:
        waiting = get_queue(QUEUE_NAME).get_job_ids()
    except (RedisError, OSError):
        return None
    return sum(1 for job_id in waiting if job_id.startswith(_prefix(run)))


def enqueue_impact(impact: Impact) -> int:
    """1 when the impact's ticket reached the queue, ahead of the runs': it takes a moment, they take minutes."""
    try:
        get_queue(QUEUE_NAME, commit_mode="auto").enqueue(
            "permutations.jobs.work_on_impact",
            str(impact.code),
            job_id=_impact_ticket(impact),
            at_front=True,
            result_ttl=0,
            failure_ttl=FAILED_TICKET_SECONDS,
        )
    except (RedisError, OSError) as error:
        log.warning("ticket_not_queued", impact=str(impact.code), reason=str(error))
        return 0
    return 1


def impact_is_queued(impact: Impact) -> bool | None:
    """True while the impact's ticket waits in the queue; None when Redis is away."""
    try:
        return _impact_ticket(impact) in get_queue(QUEUE_NAME).get_job_ids()
    except (RedisError, OSError):
        return None


def enqueue_trial(trial: RuleSetTrial) -> int:
    """1 when the ticket of a rule set's trial reached the queue; 0 when Redis is away."""
    try:
        get_queue(QUEUE_NAME, commit_mode="auto").enqueue(
            "permutations.jobs.work_on_trial",
            str(trial.code),
            job_id=_trial_ticket(trial),
            at_front=True,
            job_timeout=-1,
            result_ttl=0,
            failure_ttl=FAILED_TICKET_SECONDS,
        )
    except (RedisError, OSError) as error:
        log.warning("ticket_not_queued", trial=str(trial.code), reason=str(error))
        return 0
    return 1


def is_trial_queued(trial: RuleSetTrial) -> bool | None:
    """True while the trial's ticket waits in the queue; None when Redis is away."""
    try:
        return _trial_ticket(trial) in get_queue(QUEUE_NAME).get_job_ids()
    except (RedisError, OSError):
        return None


def _trial_ticket(trial: RuleSetTrial) -> str:
    return f"trial-{trial.code}"


def _impact_ticket(impact: Impact) -> str:
    return f"impact-{impact.code}"


def enqueue_simulation(simulation: Simulation) -> bool:
    """True if the simulation's ticket reached the queue; the watcher makes it good where Redis is away."""
    try:
        get_queue(QUEUE_NAME, commit_mode="auto").enqueue(
            "permutations.jobs.run_simulation_ticket",
            str(simulation.code),
            job_id=f"{_simulation_prefix(simulation)}{uuid.uuid4().hex[:12]}",
            at_front=True,
            job_timeout=-1,
            result_ttl=0,
            failure_ttl=FAILED_TICKET_SECONDS,
        )
    except (RedisError, OSError) as error:
        log.warning("simulation_not_queued", simulation=str(simulation.code), reason=str(error))
        return False
    return True


def simulation_is_queued(simulation: Simulation) -> bool | None:
    """True if a ticket of the simulation waits in the queue; None when Redis is away."""
    try:
        waiting = get_queue(QUEUE_NAME).get_job_ids()
    except (RedisError, OSError):
        return None
    return any(job_id.startswith(_simulation_prefix(simulation)) for job_id in waiting)


def _simulation_prefix(simulation: Simulation) -> str:
    return f"simulation-{simulation.code}-"


def _prefix(run: Run) -> str:
    return f"run-{run.code}-"
