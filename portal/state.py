"""The state of the platform in a few facts, for those who look after it."""

import shutil
from dataclasses import dataclass

import django_rq
from django.conf import settings
from redis import RedisError

from jobs.queue import living_workers
from lib import figures
from operations.alerts import limit_of
from ratings.models import RuleSet
from records.queries import in_force

GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact, and whether it is as it should be."""

    label: str
    text: str
    is_well: bool = True


def platform_state() -> list[Fact]:
    """Queue, workers, rules and space, as they are now."""
    return [*_queue_facts(), _rules_fact(), _space_fact()]


def _queue_facts() -> list[Fact]:
    try:
        workers = len(living_workers(django_rq.get_connection("default")))
        waiting = sum(django_rq.get_queue(name).count for name in settings.RQ_QUEUES)
    except (RedisError, OSError):
        return [Fact("Queue", "not reachable: nothing new starts", is_well=False)]
    return [
        Fact("Queue", f"{figures.count(waiting)} jobs waiting"),
        Fact("Workers", figures.count(workers) if workers else "none alive: nothing is computed", workers > 0),
    ]


def _rules_fact() -> Fact:
    count = in_force(RuleSet).count()
    return Fact("Rule sets in force", figures.count(count) if count else "none: no run can start", count > 0)


def _space_fact() -> Fact:
    free = shutil.disk_usage(settings.ATLASNEXUS_DATA_DIR).free
    return Fact("Free space for results", f"{free / GIGABYTE:,.1f} GB", free > limit_of("disk_free_bytes"))
