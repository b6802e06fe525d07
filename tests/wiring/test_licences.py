"""Licences of what the platform runs on: none that would bind who runs it."""

import re
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LESSER = {"docxtpl", "paramiko", "psycopg", "psycopg-binary", "svglib"}


def licence_of(package: str) -> str:
    """All that the package says of its licence, its full text cut off."""
    told = metadata(package)
    classifiers = [each for each in told.get_all("Classifier") or () if each.startswith("License")]
    words = told.get_all("License-Expression") or [each[:60] for each in told.get_all("License") or ()]
    return " ".join([*words, *classifiers])


def locked() -> list[str]:
    return re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)


def test_every_package_tells_its_licence():
    assert len(locked()) > 50
    assert [package for package in locked() if not licence_of(package).strip()] == []


def test_only_lesser_ones_are_of_the_gpl_family_and_the_guide_names_them():
    of_the_family = {package for package in locked() if re.search("GPL|GNU|Affero", licence_of(package))}
    assert of_the_family == LESSER
    assert all(re.search("LGPL|Lesser", licence_of(package)) for package in LESSER)
    guide = (ROOT / "docs/deploy.md").read_text()
    assert f"({', '.join(sorted(LESSER))})" in guide
