import os
from pathlib import Path

from lib import kernel_cache


def test_a_changed_source_gets_a_folder_of_its_own(tmp_path: Path, monkeypatch) -> None:
    engine = tmp_path / "engine"
    (engine / "debt").mkdir(parents=True)
    (engine / "debt" / "sizing.py").write_text("a = 1")
    monkeypatch.setattr(kernel_cache, "ENGINE", engine)
    before = kernel_cache.kernel_cache_dir(tmp_path)
    assert kernel_cache.kernel_cache_dir(tmp_path) == before
    (engine / "debt" / "sizing.py").write_text("a = 2")
    assert kernel_cache.kernel_cache_dir(tmp_path) != before
    assert before.parent == tmp_path / "numba"


def test_of_the_older_folders_the_latest_stays(tmp_path: Path) -> None:
    current = kernel_cache.kernel_cache_dir(tmp_path)
    current.mkdir(parents=True)
    for age, name in enumerate(("a" * 16, "b" * 16, "somebody's own", "c" * 16)):
        (current.parent / name).mkdir()
        os.utime(current.parent / name, (1e9 - age, 1e9 - age))
    kernel_cache.forget_older_kernels(tmp_path)
    assert {path.name for path in current.parent.iterdir()} == {current.name, "a" * 16, "somebody's own"}


def test_there_may_be_no_folder_yet(tmp_path: Path) -> None:
    kernel_cache.forget_older_kernels(tmp_path)
