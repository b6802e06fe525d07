import os
from pathlib import Path

import pytest

from lib import kernel_cache

FILES = {
    "debt/sizing.py": "from engine.debt import rates\nfrom engine.basics.limits import (\n    SLACK,\n)\n@njit(cache=True)\ndef size(): ...",
    "debt/rates.py": "RATE = 1",
    "basics/limits.py": "from engine.terms import *",
    "terms/__init__.py": "TERMS = 1",
    "book/page.py": "from engine.debt.sizing import size",
}


@pytest.mark.parametrize(("changed", "is_new"), [(name, name != "book/page.py") for name in FILES], ids=list(FILES))
def test_a_changed_source_of_kernels_gets_a_folder_of_its_own(
    changed: str, is_new: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = tmp_path / "engine"
    for name, text in FILES.items():
        (engine / name).parent.mkdir(parents=True, exist_ok=True)
        (engine / name).write_text(text)
    monkeypatch.setattr(kernel_cache, "ENGINE", engine)
    before = kernel_cache.kernel_cache_dir(tmp_path)
    assert before.parent == tmp_path / "numba"
    assert kernel_cache.kernel_cache_dir(tmp_path) == before
    (engine / changed).write_text(FILES[changed] + "\nMORE = 2")
    assert (kernel_cache.kernel_cache_dir(tmp_path) != before) is is_new


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
