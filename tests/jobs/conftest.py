"""The project and the runs that the tests of jobs use: a run is the job with the most to it."""

from tests.permutations.conftest import (
    done,
    project,
    requested,
    shared_project,
    shared_run,
    small_chunks,
    smallest_chunk,
)

__all__ = ["done", "project", "requested", "shared_project", "shared_run", "small_chunks", "smallest_chunk"]
