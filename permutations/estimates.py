"""What a run will cost before it is started: time on the workers, disk while it goes on, disk for good.

It is read off the project's last finished run where that was large enough, else off the demo project's figures. A larger
space costs less a permutation, because more of its work is shared: the time is rather too long than too short.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from jobs.models import JobState
from lib.errors import Invalid
from lib.verbs import refuse
from permutations.kept import MOST_KEPT
from permutations.models import Run
from projects.models import Project

# Measured on the demo's spaces of 1 to 100 million: docs/performance.md.
CORE_SECONDS, ALIVE_SHARE = 2.0e-6, 0.25
RANKING_SECONDS, CLOSING_SECONDS = 1.6e-6, 2.0
ROW_BYTES, ALIVE_ROW_BYTES, RANKING_BYTES, SPILL_BYTES = 30, 95, 30, 190
# What must stay free on the disk, and the smallest run that another is measured by.
FREE_BYTES, MEANINGFUL = 1_000_000_000, 500_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds until the ranking, and bytes on the disk at the most and in the end."""

    seconds: float
    peak_bytes: int
    kept_bytes: int

    @property
    def sentence(self) -> str:
        """The estimate in words."""
        peak, kept = _size(self.peak_bytes), _size(self.kept_bytes)
        room = f"{kept} of disk" if peak == kept else f"{peak} of disk while it goes on, {kept} of it for good"
        return f"About {_span(self.seconds)} on {_workers()}, and {room}."


def estimate_of(evaluated_count: int, project: Project | None, *, all_rows: bool) -> Estimate:
    """What a run of so many permutations of the project will cost."""
    share, core_seconds = _measured(project)
    alive = share * evaluated_count
    ranked = alive if all_rows else min(alive, MOST_KEPT)
    written = evaluated_count * ROW_BYTES if all_rows else alive * ALIVE_ROW_BYTES
    kept = evaluated_count * ROW_BYTES if all_rows else ranked * ALIVE_ROW_BYTES
    core_seconds = evaluated_count * core_seconds + alive * RANKING_SECONDS
    seconds = core_seconds / settings.ATLASNEXUS_WORKERS + CLOSING_SECONDS
    return Estimate(
        seconds,
        int(written + alive * SPILL_BYTES + ranked * RANKING_BYTES + (0 if all_rows else kept)),
        int(kept + ranked * RANKING_BYTES),
    )


def require_room(estimate: Estimate) -> None:
    """Raises Invalid where the disk is too full for the run."""
    folder = Path(settings.ATLASNEXUS_DATA_DIR)
    free = shutil.disk_usage(folder if folder.exists() else "/").free
    if estimate.peak_bytes + FREE_BYTES > free:
        raise _no_room(estimate.peak_bytes, free)


def _no_room(needed: int, free: int) -> Invalid:
    sentence = (
        f"The run would need about {_size(needed)} of disk while it goes on, and {_size(free)} are free: thin an axis, lower the "
        "budget, do not keep all rows, or delete runs that are no longer wanted."
    )
    return refuse("no_room", "budget", sentence)


def _measured(project: Project | None) -> tuple[float, float]:
    """The share that is alive, and seconds of one core a permutation."""
    done = Run.objects.filter(project=project, state=JobState.DONE, evaluated_count__gte=MEANINGFUL)
    last = done.order_by("-finished_at").only("evaluated_count", "summary").first() if project else None
    if last is None:
        return ALIVE_SHARE, CORE_SECONDS
    counts = last.summary["counts"]
    return (counts["gate_b_alive"] + counts["near_misses"]) / last.evaluated_count, CORE_SECONDS


def _workers() -> str:
    count = settings.ATLASNEXUS_WORKERS
    return "one worker" if count == 1 else f"{count} workers"


def _span(seconds: float) -> str:
    for size, one, many in ((3_600, "hour", "hours"), (60, "minute", "minutes"), (1, "second", "seconds")):
        if seconds >= 1.5 * size or size == 1:
            count = max(round(seconds / size), 1)
            return f"{count} {one if count == 1 else many}"
    raise AssertionError


def _size(count: float) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(count / 1e6, 1):.0f} MB"
