"""The runs and simulations that the tests of operations use."""

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
