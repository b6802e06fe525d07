from pathlib import Path

from atlasnexus.lib import kernel_cache


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
