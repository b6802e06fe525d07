"""What docs/security.md says proves a requirement is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOLD = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_stands():
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TOLD))
    assert len(named) > 50
    missing = [f"{path}::{name}" for path, name in sorted(named) if name not in functions_of(ROOT / path)]
    assert not missing


def test_every_requirement_has_a_test_or_says_that_it_is_not_met():
    met = TOLD.partition("## Not met")[0]
    rows = [line for line in met.splitlines() if re.match(r"\| (?:\d|-)", line)]
    assert len(rows) > 50
    assert [row for row in rows if "`tests/" not in row] == []


def test_every_threat_has_a_test():
    threats = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", threats)
    missing = [f"{path}::{name}" for path, name in named if name and name not in functions_of(ROOT / path)]
    assert not missing + [path for path, name in named if not name]
    rows = [line for line in threats.partition("## Spoofing")[2].splitlines() if line.startswith("| ")]
    threatening = [row for row in rows if not row.startswith(("| threat |", "|---"))]
    assert len(threatening) > 25
    assert [row for row in threatening if "`tests/" not in row] == []


def functions_of(path: Path) -> set[str]:
    if not path.exists():
        return set()
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}
