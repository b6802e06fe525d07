"""The project and the runs that the tests of runs use."""

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
