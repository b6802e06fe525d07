"""The first step on a machine: an old or incomplete Python is told so in one sentence."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = ROOT / "scripts" / "bootstrap.py"


def bootstrap(before: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Runs the script as a Python would that differs from this one as `before` says."""
    code = f"import sys\nsys.argv = ['bootstrap.py']\n{before}\nexec(compile(open({str(BOOTSTRAP)!r}).read(), {str(BOOTSTRAP)!r}, 'exec'))"
    return subprocess.run(
        [sys.executable, "-c", f"__file__ = {str(BOOTSTRAP)!r}\n{code}"],
        env={"PATH": str(folder), "VENV": str(folder / "venv")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        ("sys.version_info = (3, 10, 14)", r"needs Python 3\.11 or newer; this is 3\.10 .*\n"),
        ("sys.modules['ensurepip'] = None", r"venv module is missing.*sudo apt install python3-venv.*\n"),
    ],
    ids=["old Python", "no venv"],
)
def test_what_is_missing_is_said(before: str, sentence: str, tmp_path: Path):
    ended = bootstrap(before, tmp_path)
    assert ended.returncode == 2
    assert re.fullmatch(rf".*{sentence}", ended.stderr), ended.stderr
    assert not (tmp_path / "venv").exists()


def test_the_script_is_readable_by_an_old_python():
    import ast

    ast.parse(BOOTSTRAP.read_text(), feature_version=(3, 6))
