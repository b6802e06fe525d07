from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.test import override_settings

from jobs.work import work
from permutations.files import RunFiles, remote_storage
from permutations.models import Run
from permutations.results import page_of_results
from permutations.shards import NEVER_EMPTY
from tables.query import Query


@pytest.fixture
def files() -> RunFiles:
    return RunFiles(uuid4())


@pytest.fixture
def elsewhere() -> Iterator[None]:
    """A storage that is not this machine's disk."""
    storages = {**settings.STORAGES, "runs": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    with override_settings(STORAGES=storages):
        yield


def test_a_file_appears_whole_or_not_at_all(files: RunFiles):
    def half(path: Path) -> None:
        path.write_bytes(b"half")
        assert not (files.folder / "a").exists()
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        files.write("a", half)
    assert list(files.folder.iterdir()) == []


def test_a_file_written_again_replaces_the_first(files: RunFiles):
    for content in (b"one", b"two"):
        files.write("a", partial(Path.write_bytes, data=content))
    assert files.path("a").read_bytes() == b"two"
    assert [path.name for path in files.folder.iterdir()] == ["a"]


def test_a_file_that_is_nowhere_is_not_found(files: RunFiles):
    with pytest.raises(FileNotFoundError):
        files.path("a")


@pytest.mark.parametrize("code", ["../../etc", "x", ""])
def test_a_folder_is_named_by_a_code_only(code: str):
    with pytest.raises(ValueError):
        RunFiles(code)


def test_by_default_nothing_leaves_the_data_folder():
    assert remote_storage() is None


@pytest.mark.django_db
def test_files_kept_elsewhere_come_back_where_they_are_missing(elsewhere: None, requested: Callable[..., Run]):
    run = requested(budget=500)
    work(run.code)
    run.refresh_from_db()
    before = page_of_results(run, Query())
    for path in RunFiles(run.code).folder.iterdir():
        path.unlink()
    assert page_of_results(run, Query()) == before


@pytest.mark.django_db
def test_shards_hold_nulls_where_nothing_was_computed(done: Run):
    files = RunFiles(done.code)
    for number in range(done.chunk_count):
        table = pq.read_table(files.path(f"chunk-{number:05d}.parquet"))
        stopped = table["gate"].to_numpy() == 0
        assert all(table[name].null_count == 0 for name in NEVER_EMPTY)
        assert table["rating_notch"].is_null().to_numpy()[stopped].all()
        for name in table.column_names:
            if str(table[name].type) == "double":
                assert (
                    not table[name].is_nan().to_numpy(zero_copy_only=False).any()
                    if table[name].null_count == 0
                    else True
                )
