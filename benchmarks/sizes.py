"""Runs of growing size through the product's own workers: time, memory, rows, cost of a permutation, by number of workers.

`python benchmarks/sizes.py [millions ...] [--workers 1 2] [--keep FILE]`, by default 1, 10 and 100 million on one worker and on two; 1000
is a billion. Each size is the demo project's default space with finer senior and mezzanine DSCRs and equity targets. Redis, workers, rows and
files are the product's, on a private socket and in a data folder that is gone afterwards. With --keep a line for each run is added to a
file of JSON lines, and a run slower than the last of its kind there by more than NOISE is named.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SIZES = (1, 10, 100)
NOISE = 0.15
# Steps of the DSCRs and of the equity targets that make a space of about so many millions.
STEPS: dict[int, tuple[float, float, float]] = {
    1: (0.05, 0.05, 0.04),
    10: (0.025, 0.025, 0.01),
    100: (0.01, 0.01, 0.005),
    1_000: (0.004, 0.005, 0.0025),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One run, by the clock and by the processors; memory is the most that any worker had."""

    at: str
    engine: str
    workers: int
    evaluated: int
    alive: int
    rows: int
    evaluate_seconds: float
    rank_seconds: float
    total_seconds: float
    worker_seconds: float
    peak_mb: float
    disk_mb: float

    @property
    def microseconds(self) -> float:
        """Processor time of one permutation, from its index to ranked rows."""
        return self.worker_seconds / self.evaluated * 1e6


def main() -> None:
    """A table of all runs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("millions", nargs="*", type=int, default=SIZES, choices=STEPS)
    parser.add_argument("--workers", nargs="+", type=int, default=(1, 2))
    parser.add_argument("--keep", type=Path, help="a file of JSON lines that the figures are added to")
    parser.add_argument("--folder", type=Path, help="where the data folder is made")
    asked = parser.parse_args()
    if len(asked.workers) == 1:
        _measure(asked)
        return
    print(HEAD, flush=True)
    # Settings are read once a process: each number of workers has one of its own.
    for workers in asked.workers:
        options = ["--workers", str(workers)]
        options += ["--keep", str(asked.keep)] if asked.keep else []
        options += ["--folder", str(asked.folder)] if asked.folder else []
        subprocess.run([sys.executable, __file__, *map(str, asked.millions), *options], check=True)


def _measure(asked: argparse.Namespace) -> None:
    (workers,) = asked.workers
    with tempfile.TemporaryDirectory(prefix="atlasnexus-sizes-", dir=asked.folder) as folder:
        _set_up(Path(folder), workers)
        for each in _measured(asked.millions, workers):
            print(_line(each), flush=True)
            if asked.keep:
                _keep(asked.keep, each)


HEAD = (
    "| permutations | workers | alive | rows | evaluated in | ranked in | in all | worst worker | disk | processor time a permutation |\n"
    "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


def _line(each: Measured) -> str:
    cells = (
        f"{each.evaluated:,}", each.workers, f"{each.alive:,}", f"{each.rows:,}", f"{each.evaluate_seconds:.1f} s",
        f"{each.rank_seconds:.1f} s", f"{each.total_seconds:.1f} s", f"{each.peak_mb:,.0f} MB", f"{each.disk_mb:,.0f} MB",
        f"{each.microseconds:.2f} us",
    )  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def _keep(path: Path, each: Measured) -> None:
    before = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    alike = [old for old in before if (old["evaluated"], old["workers"]) == (each.evaluated, each.workers)]
    if alike and each.total_seconds > alike[-1]["total_seconds"] * (1 + NOISE):
        print(f"  slower than on {alike[-1]['at']}, which took {alike[-1]['total_seconds']:.1f} s")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lines:
        lines.write(json.dumps(asdict(each)) + "\n")


def _set_up(folder: Path, workers: int) -> None:
    from lib.kernel_cache import kernel_cache_dir

    os.environ |= {
        "ATLASNEXUS_DATA_DIR": str(folder),
        "NUMBA_CACHE_DIR": str(kernel_cache_dir(ROOT / ".var")),
        "DATABASE_URL": f"sqlite:///{folder}/atlasnexus.sqlite3",
        "DJANGO_SETTINGS_MODULE": "atlasnexus.settings",
        "ATLASNEXUS_ADMIN_OTP": "optional",
        "ATLASNEXUS_WORKERS": str(workers),
        "LOG_LEVEL": "ERROR",
    }
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _measured(millions: list[int], workers: int) -> Iterator[Measured]:
    from accounts.models import Role, User
    from projects.demo import demo_document
    from projects.services import approve_submission, create_project, submit_project
    from ratings.services import seed_market_sets, seed_rule_sets

    seed_rule_sets()
    seed_market_sets()
    owner, admin = (
        User.objects.create_user(f"{role}@bench.example", None, full_name=role, role=role, is_approved=True)
        for role in (Role.SPONSOR, Role.ADMIN)
    )
    project = create_project(by=owner, title="Sizes", inputs=demo_document(datetime.now(UTC).date())["inputs"])
    approve_submission(by=admin, submission=submit_project(by=owner, project=project, note="To be measured."))
    with _workers(workers) as group:
        for size in millions:
            yield _one(project, admin, size, workers, group)


@contextmanager
def _workers(count: int) -> Iterator[Any]:
    """Redis and so many workers, with every kernel loaded."""
    import django_rq
    from django.conf import settings
    from rq import Worker

    from atlasnexus.supervisor import platform
    from atlasnexus.supervisor.processes import Group
    from lib.datadir import redis_socket

    with Group(Path(settings.ATLASNEXUS_DATA_DIR) / "logs") as group:
        platform.start_redis(group, settings.REDIS_URL, redis_socket(settings.ATLASNEXUS_DATA_DIR))
        platform.start_workers(group, count)
        ready = lambda: Worker.count(connection=django_rq.get_connection("default")) == count  # noqa: E731
        group.wait_for(ready, "Workers", 600.0)
        yield group


def _one(project: Any, admin: Any, size: int, workers: int, group: Any) -> Measured:
    from engine import ENGINE_VERSION
    from jobs.models import JobState
    from permutations.files import RunFiles
    from permutations.results import row_total
    from permutations.services.request_run import LARGEST_BUDGET, request_run

    pids = [pid for name, pid in group.pids().items() if name.startswith("worker-")]
    before = sum(map(_seconds_of, pids))
    began = time.monotonic()
    run = request_run(by=admin, project=project, levers={"axes": _axes(size)}, budget=LARGEST_BUDGET)
    peak, evaluated_at = 0.0, 0.0
    while run.is_active:
        time.sleep(0.05 if size == 1 else 0.5)
        run.refresh_from_db()
        peak = max(peak, *map(_memory_of, pids))
        if run.chunks_done == run.chunk_count and not evaluated_at:
            evaluated_at = time.monotonic() - began
    total = time.monotonic() - began
    if run.state != JobState.DONE:
        raise SystemExit(f"{run}: {run.error}")
    time.sleep(1.0)  # by then the worker has dropped what gave way to the best rows
    disk_bytes = sum(path.stat().st_size for path in RunFiles(run.code).folder.iterdir())
    counts = run.summary["counts"]
    return Measured(
        at=f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        engine=ENGINE_VERSION,
        workers=workers,
        evaluated=run.evaluated_count,
        alive=counts["gate_b_alive"] + counts["near_misses"],
        rows=row_total(run),
        evaluate_seconds=evaluated_at,
        rank_seconds=total - evaluated_at,
        total_seconds=total,
        worker_seconds=sum(map(_seconds_of, pids)) - before,
        peak_mb=peak,
        disk_mb=disk_bytes / 1e6,
    )


def _axes(size: int) -> dict[str, Any]:
    from engine.permutations import DEFAULT_LEVERS
    from engine.permutations.levers import steps

    senior, mezzanine, target = STEPS[size]
    return {
        **DEFAULT_LEVERS.to_dict()["axes"],
        "senior_dscr": list(steps(1.15, 1.50, senior)),
        "mezz_dscr": list(steps(1.10, 1.30, mezzanine)),
        "equity_irr_rate": list(steps(0.12, 0.25, target)),
    }


def _seconds_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_of(pid: int) -> float:
    """The most resident memory so far, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
