"""What the build says of the packages it is made of, as the auditor reports them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts import audit

ROOT = Path(__file__).resolve().parents[2]


def report(*holes: tuple[str, list[str]], silent: int = 0) -> dict[str, Any]:
    vulns = [{"id": name, "fix_versions": fixes, "aliases": [], "description": ""} for name, fixes in holes]
    told = [{"name": "django", "version": "6.0.1", "vulns": vulns}]
    return {
        "dependencies": told + [{"name": f"quiet-{n}", "skip_reason": "not found"} for n in range(silent)],
        "fixes": [],
    }


@pytest.mark.parametrize(
    ("found", "code", "words"),
    [
        (report(), 0, "Looked up 1 of 1 packages: nothing known against them."),
        (report(("CVE-2026-1", ["6.0.2"])), 1, "django 6.0.1: CVE-2026-1, mended in 6.0.2."),
        (report(("CVE-2026-1", [])), 0, "django 6.0.1: CVE-2026-1, not mended yet."),
        (report(silent=2), 0, "Of 2 the index told nothing, so nothing is known of them from here."),
    ],
)
def test_only_a_hole_with_a_remedy_fails_the_build(found: dict[str, Any], code: int, words: str):
    assert audit.verdict(found)[0] == code
    assert words in audit.verdict(found)[1]


def auditor(folder: Path, answer: str) -> Path:
    """An environment whose auditor answers so, and whose installer has nothing to do."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").write_text("#!/bin/sh\nexit 0\n")
    (folder / "bin" / "pip-audit").write_text(f"#!/bin/sh\ncat <<'E'\n{answer}\nE\n")
    for each in (folder / "bin").iterdir():
        each.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("answer", "required", "code"),
    [
        (json.dumps(report()), "", 0),
        (json.dumps(report(("CVE-2026-1", ["6.0.2"]))), "", 1),
        ("no answer", "", 0),
        ("no answer", "required", 1),
        (json.dumps(report(silent=1)), "required", 1),
    ],
)
def test_a_service_that_is_away_fails_no_build_unless_it_must_answer(
    tmp_path: Path, answer: str, required: str, code: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ATLASNEXUS_AUDIT", required)
    where = auditor(tmp_path / "env", answer)
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/audit.py"), str(where)], capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert done.stdout.count("\n") >= 1


def test_the_build_asks():
    assert "make audit" in (ROOT / ".ci/run").read_text()
