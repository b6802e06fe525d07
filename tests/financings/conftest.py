"""A finished run and the best financing it found."""

import pytest

from financings.models import Financing
from permutations.models import Run
from tests.financings.cast import opened
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


@pytest.fixture
def best(done: Run) -> Financing:
    """The run's best permutation, opened."""
    return opened(done)
