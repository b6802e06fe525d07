"""What docs/security.md says proves a requirement is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOLD = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")

# How many requirements each section of ASVS 4.0.3 has; those of level 3 alone, and those it has withdrawn.
SECTIONS = {
    "1.1": 7, "1.2": 4, "1.4": 5, "1.5": 4, "1.6": 4, "1.7": 2, "1.8": 2, "1.9": 2, "1.10": 1, "1.11": 3, "1.12": 2, "1.14": 6,
    "2.1": 12, "2.2": 7, "2.3": 3, "2.4": 5, "2.5": 7, "2.6": 3, "2.7": 6, "2.8": 7, "2.9": 3, "2.10": 4,
    "3.1": 1, "3.2": 4, "3.3": 4, "3.4": 5, "3.5": 3, "3.6": 2, "3.7": 1, "4.1": 5, "4.2": 2, "4.3": 3,
    "5.1": 5, "5.2": 8, "5.3": 10, "5.4": 3, "5.5": 4, "6.1": 3, "6.2": 8, "6.3": 3, "6.4": 2, "7.1": 4, "7.2": 2, "7.3": 4, "7.4": 3,
    "8.1": 6, "8.2": 3, "8.3": 8, "9.1": 3, "9.2": 5, "10.1": 1, "10.2": 6, "10.3": 3, "11.1": 8, "12.1": 3, "12.2": 1, "12.3": 6,
    "12.4": 2, "12.5": 2, "12.6": 1, "13.1": 5, "13.2": 6, "13.3": 2, "13.4": 2, "14.1": 5, "14.2": 6, "14.3": 3, "14.4": 7, "14.5": 4,
}  # fmt: skip
LEVEL_THREE = {
    "1.11.3", "2.2.4", "2.2.5", "2.2.6", "2.2.7", "3.6.1", "3.6.2", "6.2.7", "6.2.8", "6.3.3", "8.1.6", "9.2.5", "10.1.1",
    "10.2.3", "10.2.4", "10.2.5", "10.2.6", "14.1.5",
}  # fmt: skip
WITHDRAWN = {"1.4.2", "1.4.3", "1.12.1", "4.1.4", "7.3.2", "13.1.2", "13.2.4", "14.3.1"}


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


def test_every_requirement_of_level_two_is_judged_once_at_most_as_met_and_not_met():
    met, _, rest = TOLD.partition("## Not met")
    not_met, _, no_place = rest.partition("## No place here")
    judged = [numbers_in(part) for part in (met, not_met, no_place)]
    wanted = {f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)}
    assert sorted(wanted - LEVEL_THREE - WITHDRAWN - set().union(*judged)) == []
    assert judged[0] & judged[1] == judged[0] & judged[2] == judged[1] & judged[2] == set()


def numbers_in(text: str) -> set[str]:
    """The requirements that the tables' first column names."""
    found = set()
    for numbers in re.findall(r"^\| (\d+\.\d+\.[\d., to]*) \|", text, re.MULTILINE):
        for part in numbers.split(", "):
            first, _, last = part.partition(" to ")
            section, start = first.rsplit(".", 1)
            found |= {f"{section}.{k}" for k in range(int(start), int((last or first).rsplit(".", 1)[1]) + 1)}
    return found


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
