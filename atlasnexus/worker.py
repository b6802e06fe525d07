"""A worker of the queue that stays warm: it forks nothing and has its kernels loaded before the first job."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import django
from rq.serializers import JSONSerializer
from rq.worker import DequeueStrategy, SimpleWorker


class WarmWorker(SimpleWorker):
    """Runs jobs in its own process; back within seconds after Redis was away."""

    max_connection_wait_time = 2.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"serializer": JSONSerializer, **kwargs})


def give_way(niceness: int) -> None:
    """From now on pages come first: this process is given what others leave of a busy core (0 alike, 19 the least)."""
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    # Linux weighs sessions first, and processes within each: a worker has a session of its own.
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlasnexus.settings")
    django.setup()
    from django.conf import settings
    from django_rq import get_worker

    from engine.warm import warm_up

    give_way(settings.ATLASNEXUS_WORKER_NICENESS)
    warm_up()
    get_worker(*settings.RQ_QUEUES).work(logging_level="WARNING", dequeue_strategy=DequeueStrategy.ROUND_ROBIN)


if __name__ == "__main__":
    main()
