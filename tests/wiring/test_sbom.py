"""The bill of materials names all that is built in, and is written without a network."""

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def written(target: Path) -> bytes:
    # A proxy that nobody answers: whoever asks a network fails.
    environment = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    command = [sys.executable, "scripts/write_sbom.py", str(target)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=60)
    return target.read_bytes()


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written(tmp_path_factory.mktemp("sbom") / "sbom.json"))
    return found


def test_it_is_cyclonedx(bill: dict[str, Any]):
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    refs = [each["bom-ref"] for each in bill["components"]]
    assert len(refs) == len(set(refs))
    known = {*refs, "atlas-nexus"}
    assert {each["ref"] for each in bill["dependencies"]} <= known
    assert {ref for each in bill["dependencies"] for ref in each["dependsOn"]} <= known
    assert all(re.fullmatch(r"pkg:(pypi|npm)/[\w.%/-]+@[\w.+-]+", ref) for ref in refs)


def test_every_locked_package_is_in_it_as_it_is_installed(bill: dict[str, Any]):
    locked = re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    told = {each["name"]: each["version"] for each in bill["components"] if each["purl"].startswith("pkg:pypi/")}
    assert len(locked) > 90
    assert told == {re.sub(r"[-_.]+", "-", name).lower(): number for name, number in locked}
    assert {name: version(name) for name in told} == told


def test_every_vendored_folder_is_in_it(bill: dict[str, Any]):
    folders = {path.name for path in (ROOT / "static/vendor").iterdir() if path.is_dir()}
    told = {each["name"] for each in bill["components"] if each["purl"].startswith("pkg:npm/")}
    assert len(told) == len(folders)
    assert all(any(folder in name for name in told) for folder in folders)


def test_each_says_its_licence(bill: dict[str, Any]):
    assert [each["name"] for each in bill["components"] if not each["licenses"]] == []
    told = {each["name"]: each["licenses"] for each in bill["components"]}
    assert told["echarts"] == [{"expression": "Apache-2.0"}]


def test_it_knows_what_needs_what(bill: dict[str, Any]):
    needs = {each["ref"].partition("@")[0]: each["dependsOn"] for each in bill["dependencies"]}
    assert any(ref.startswith("pkg:pypi/asgiref@") for ref in needs["pkg:pypi/django"])
    needed = {ref for each in bill["dependencies"] if each["ref"] != "atlas-nexus" for ref in each["dependsOn"]}
    assert len(needed) > 30


def test_the_same_lock_gives_the_same_bytes(tmp_path: Path):
    assert written(tmp_path / "one.json") == written(tmp_path / "two.json")
