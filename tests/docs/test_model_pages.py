"""Every worked example of the model book runs, and gives the figures printed beside it."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "model").glob("*.md"))
EXAMPLE = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+\.md)")


def examples(page: Path) -> list[doctest.Example]:
    """The examples of one page, with the line each stands on."""
    text, found = page.read_text(), []
    for block in EXAMPLE.finditer(text):
        first_line = text[: block.start(1)].count("\n")
        for example in doctest.DocTestParser().get_examples(block.group(1)):
            example.lineno += first_line
            found.append(example)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_give_the_figures_beside_them(page, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    story = doctest.DocTest(examples(page), {}, page.name, str(page), 0, None)
    result = doctest.DocTestRunner(verbose=False).run(story)
    assert result.failed == 0, capsys.readouterr().out


def test_every_calculation_page_has_an_example():
    without = {page.stem for page in PAGES if not examples(page)}
    assert without == {"README"}


def test_links_lead_somewhere():
    for page in PAGES:
        for target in LINK.findall(page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
