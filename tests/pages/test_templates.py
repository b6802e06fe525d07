"""Every template compiles, and every part it names by a literal stands in the house."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NAMED = re.compile(r"""\{%\s*(?:include|extends)\s+["']([^"']+)["']""")


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.*")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_and_its_parts_are_found(path: Path) -> None:
    get_template(str(path.relative_to(TEMPLATES)))
    for name in NAMED.findall(path.read_text()):
        get_template(name)
