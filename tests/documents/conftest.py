"""The project and the runs that the tests of documents use."""

from tests.permutations.conftest import done, project, requested, small_chunks, smallest_chunk

__all__ = ["done", "project", "requested", "small_chunks", "smallest_chunk"]
