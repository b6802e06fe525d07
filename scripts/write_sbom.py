"""Writes the bill of materials (CycloneDX 1.6, JSON) of what the lock names and static/vendor holds: write_sbom.py FILE

Without a network, and the same bytes for the same lock: licences and what needs what are read from the packages installed.
"""

import json
import re
import sys
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import metadata, requires
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCK, VENDORED = ROOT / "requirements.txt", ROOT / "static" / "vendor" / "README.md"
Component = dict[str, Any]


def bill() -> dict[str, Any]:
    """The bill as CycloneDX has it."""
    packages = {canonicalize_name(each.name): each for each in map(Requirement, _lines())}
    refs = {name: f"pkg:pypi/{name}@{next(iter(each.specifier)).version}" for name, each in packages.items()}
    ours: Component = {"type": "application", "name": "atlas-nexus", "bom-ref": "atlas-nexus"}
    vendored = list(_vendored())
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, _fingerprint())}",
        "version": 1,
        "metadata": {"component": ours},
        "components": [*(_component(refs[name], _licences(name)) for name in sorted(refs)), *vendored],
        "dependencies": [
            {"ref": "atlas-nexus", "dependsOn": sorted([*refs.values(), *(each["bom-ref"] for each in vendored)])},
            *({"ref": refs[name], "dependsOn": sorted(_needs(packages[name], refs))} for name in sorted(refs)),
        ],
    }


def _lines() -> list[str]:
    lines = (line.partition("#")[0].strip() for line in LOCK.read_text("utf-8").splitlines())
    return [line for line in lines if line]


def _fingerprint() -> str:
    return sha256(LOCK.read_bytes() + VENDORED.read_bytes()).hexdigest()


def _component(ref: str, licences: list[dict[str, Any]]) -> Component:
    """The component that a package URL names: `pkg:npm/%40fontsource/inter@5.3.0`."""
    name, _, version = ref.partition("/")[2].rpartition("@")
    return {
        "type": "library",
        "bom-ref": ref,
        "name": name.replace("%40", "@"),
        "version": version,
        "purl": ref,
        "licenses": licences,
    }


def _licences(name: str) -> list[dict[str, Any]]:
    """The package's own words: an SPDX expression, or else its classifiers, or the first line of its text."""
    told = metadata(name)
    if expression := told.get_all("License-Expression"):
        return [{"expression": expression[0]}]
    classifiers = [each.rpartition(" :: ")[2] for each in told.get_all("Classifier") or () if each.startswith("Lic")]
    words = classifiers or [each.strip().partition("\n")[0] for each in told.get_all("License") or ()]
    return [{"license": {"name": each}} for each in words]


def _needs(package: Requirement, refs: dict[NormalizedName, str]) -> Iterator[str]:
    """What the package needs of what the lock names, with the extras that the lock asks for."""
    for needed in map(Requirement, requires(package.name) or ()):
        asked = [{"extra": extra} for extra in ("", *package.extras)]
        if needed.marker is None or any(needed.marker.evaluate(each) for each in asked):
            ref = refs.get(canonicalize_name(needed.name))
            if ref:
                yield ref


def _vendored() -> Iterator[Component]:
    """The rows of the table of vendored files: folder, what, version, licence."""
    for line in VENDORED.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and re.match(r"\d", cells[2]):
            folder, what, version, licence = cells
            named = re.search(r"npm package `([^`]+)`", what)
            package = (named[1] if named else folder).replace("@", "%40")
            yield _component(f"pkg:npm/{package}@{version}", [{"expression": licence.split(" ")[0]}])


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(bill(), indent=2, ensure_ascii=False) + "\n", "utf-8")
